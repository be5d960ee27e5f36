/** Articles as their authors see them: the generated shapes by their names here. */
import type { Schemas, Whole } from './whole'

export type WrittenArticle = Whole<Schemas['WrittenArticle']>
export type WholeArticle = Whole<Schemas['WholeArticle']>
export type ArticleVersion = Whole<Schemas['ArticleVersion']>
export type ArticleVersionText = Whole<Schemas['ArticleVersionText']>
export type ArticleChange = Schemas['ArticleChange']
export type ArticleChoices = Whole<Schemas['Choices']>
export type ArticleWork = Whole<Schemas['Work']>
