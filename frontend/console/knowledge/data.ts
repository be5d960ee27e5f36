/** Articles of the authors: the keys under which they lie, the words of a section, one change at a time. */
import { useQuery } from '@tanstack/vue-query'

import type { ArticleChoices, WholeArticle } from '@shared/api/knowledge'

import { api } from '../app/api'
import { queryClient } from '../app/query'

export const keys = {
  all: ['knowledge'] as const,
  list: (filter: Record<string, string>) => ['knowledge', 'list', filter] as const,
  one: (id: number) => ['knowledge', 'one', id] as const,
  versions: (id: number) => ['knowledge', 'versions', id] as const,
  version: (id: number, version: number) => ['knowledge', 'version', id, version] as const,
  work: ['knowledge', 'work'] as const,
  choices: ['knowledge-choices'] as const,
}

export const AUDIENCES = ['public', 'signed_in', 'agents', 'teams'] as const
export const CHANGES = ['news', 'follows', 'minor'] as const

export function useChoices() {
  return useQuery({
    queryKey: keys.choices,
    queryFn: ({ signal }) => api.get<ArticleChoices>('knowledge/choices/', undefined, signal),
    staleTime: 5 * 60_000,
  })
}

/** The article as the server has it now; lists and versions are read anew. */
export function keep(article: WholeArticle): void {
  queryClient.setQueryData(keys.one(article.id), article)
  for (const part of ['list', 'work', 'versions', 'version'])
    void queryClient.invalidateQueries({ queryKey: [...keys.all, part] })
}

/** A time as a field of the browser takes it, in the reader's own zone. */
export function localTime(at: string | null): string {
  if (!at) return ''
  const date = new Date(at)
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export const fromLocal = (value: string): string | null =>
  value ? new Date(value).toISOString() : null
