/** Every screen has an address: view, filters and open ticket live in the URL. */
import { createRouter, createWebHistory, type RouteLocationNormalized } from 'vue-router'

import { loadWords } from './i18n'
import { useSession } from './session'

declare module 'vue-router' {
  interface RouteMeta {
    /** The translation of the page's name, for the title. */
    title?: string
    /** Who may see it; the server decides again. */
    needs?: string
    /** Words that only this page needs: a bundle of `locales/`. */
    words?: string
    public?: boolean
  }
}

export const router = createRouter({
  history: createWebHistory('/desk/'),
  routes: [
    { path: '/', redirect: '/inbox/mine' },
    {
      path: '/sign-in',
      name: 'sign-in',
      component: () => import('./SignInPage.vue'),
      meta: { public: true, title: 'signIn.title' },
    },
    { path: '/inbox', redirect: '/inbox/mine' },
    {
      path: '/inbox/:view/:id(\\d+)?',
      name: 'inbox',
      component: () => import('../desk/InboxPage.vue'),
      meta: { title: 'nav.inbox' },
    },
    { path: '/tickets/:id(\\d+)', redirect: (to) => `/inbox/all/${String(to.params.id)}` },
    {
      path: '/chats/:ticket(\\d+)?',
      name: 'chats',
      component: () => import('../chat/ChatsPage.vue'),
      meta: { title: 'nav.chats', needs: 'chat.take', words: 'chat' },
    },
    {
      path: '/calls',
      name: 'calls',
      component: () => import('../calls/CallsPage.vue'),
      meta: { title: 'nav.calls', needs: 'call.read', words: 'calls' },
    },
    {
      path: '/customers',
      name: 'customers',
      component: () => import('../customers/CustomersPage.vue'),
      meta: { title: 'nav.customers', needs: 'customer.read' },
    },
    {
      path: '/customers/:id(\\d+)',
      name: 'customer',
      component: () => import('../customers/CustomerPage.vue'),
      meta: { title: 'nav.customers', needs: 'customer.read' },
    },
    {
      path: '/search',
      name: 'search',
      component: () => import('../desk/SearchPage.vue'),
      meta: { title: 'nav.search' },
    },
    {
      path: '/satisfaction',
      name: 'satisfaction',
      component: () => import('../reports/SatisfactionPage.vue'),
      meta: { title: 'nav.satisfaction', needs: 'survey.read' },
    },
    {
      path: '/articles',
      name: 'knowledge',
      component: () => import('../knowledge/KnowledgePage.vue'),
      meta: { title: 'nav.knowledge', needs: 'knowledge.write', words: 'knowledge' },
    },
    {
      path: '/articles/new',
      name: 'new-article',
      component: () => import('../knowledge/NewArticlePage.vue'),
      meta: { title: 'nav.knowledge', needs: 'knowledge.write', words: 'knowledge' },
    },
    {
      path: '/articles/:id(\\d+)',
      name: 'article',
      component: () => import('../knowledge/ArticlePage.vue'),
      props: (to) => ({ id: Number(to.params.id) }),
      meta: { title: 'nav.knowledge', needs: 'knowledge.write', words: 'knowledge' },
    },
    {
      path: '/rules',
      name: 'rules',
      component: () => import('../settings/RulesPage.vue'),
      meta: { title: 'nav.rules', needs: 'rule.read', words: 'rules' },
    },
    {
      path: '/settings/learning',
      name: 'learning',
      component: () => import('../settings/LearningPage.vue'),
      meta: { title: 'nav.learning', needs: 'report.read', words: 'rules' },
    },
    {
      path: '/settings',
      name: 'settings',
      component: () => import('../settings/SettingsPage.vue'),
      meta: { title: 'nav.settings', words: 'mail' },
    },
    {
      path: '/settings/quarantine',
      name: 'quarantine',
      component: () => import('../settings/mail/QuarantinePage.vue'),
      meta: { title: 'settings.quarantine', needs: 'mail.quarantine', words: 'mail' },
    },
    {
      path: '/settings/mailboxes',
      name: 'mailboxes',
      component: () => import('../settings/mail/MailboxesPage.vue'),
      meta: { title: 'settings.mailboxes', needs: 'admin', words: 'mail' },
    },
    {
      path: '/settings/mailboxes/:id(\\d+|new)',
      name: 'mailbox',
      component: () => import('../settings/mail/MailboxPage.vue'),
      props: (to) => ({ id: to.params.id === 'new' ? null : Number(to.params.id) }),
      meta: { title: 'settings.mailboxes', needs: 'admin', words: 'mail' },
    },
    {
      path: '/settings/sites',
      name: 'sites',
      component: () => import('../settings/widget/SitesPage.vue'),
      meta: { title: 'site.title', needs: 'admin', words: 'widget' },
    },
    {
      path: '/settings/sites/:id(\\d+|new)',
      name: 'site',
      component: () => import('../settings/widget/SitePage.vue'),
      props: (to) => ({ id: to.params.id === 'new' ? null : Number(to.params.id) }),
      meta: { title: 'site.title', needs: 'admin', words: 'widget' },
    },
    {
      path: '/settings/phone',
      name: 'phone',
      component: () => import('../settings/phone/PhonePage.vue'),
      meta: { title: 'settings.phone', needs: 'admin', words: 'mail' },
    },
    {
      path: '/settings/team',
      name: 'team',
      component: () => import('../settings/team/TeamPage.vue'),
      meta: { title: 'settings.team', needs: 'team.read', words: 'mail' },
    },
    {
      path: '/settings/team/:id(\\d+)',
      name: 'person',
      component: () => import('../settings/team/PersonPage.vue'),
      props: (to) => ({ id: Number(to.params.id) }),
      meta: { title: 'settings.team', needs: 'team.read', words: 'mail' },
    },
    {
      path: '/settings/queues',
      name: 'queues',
      component: () => import('../settings/team/QueuesPage.vue'),
      meta: { title: 'settings.queues', needs: 'queue.manage', words: 'mail' },
    },
    {
      path: '/settings/hours',
      name: 'hours',
      component: () => import('../settings/team/HoursPage.vue'),
      meta: { title: 'settings.hours', needs: 'queue.manage', words: 'mail' },
    },
    {
      path: '/settings/imports',
      name: 'imports',
      component: () => import('../settings/imports/ImportsPage.vue'),
      meta: { title: 'import.title', needs: 'customer.import', words: 'imports' },
    },
    {
      path: '/settings/imports/:id(\\d+)',
      name: 'import',
      component: () => import('../settings/imports/ImportPage.vue'),
      props: (to) => ({ id: Number(to.params.id) }),
      meta: { title: 'import.title', needs: 'customer.import', words: 'imports' },
    },
    {
      path: '/me',
      name: 'me',
      component: () => import('../settings/MePage.vue'),
      meta: { title: 'nav.me' },
    },
    {
      path: '/:rest(.*)*',
      name: 'nowhere',
      component: () => import('./NowherePage.vue'),
      meta: { title: 'nowhere.title' },
    },
  ],
})

router.beforeEach(async (to: RouteLocationNormalized) => {
  const session = useSession()
  if (!session.me) {
    const known = await session.load()
    if (!known) return to.meta.public ? true : { name: 'sign-in', query: { next: to.fullPath } }
  }
  if (to.meta.words) await loadWords(to.meta.words)
  if (to.name === 'sign-in') return afterSignIn(to.query.next)
  return true
})

/** Where to go once signed in: a page of ours, or another part of the site such as `/admin/`. */
export function afterSignIn(next: unknown): string | false {
  if (typeof next !== 'string' || !/^\/(?![/\\])/.test(next)) return '/'
  if (router.resolve(next).name !== 'nowhere') return next
  location.assign(next)
  return false
}
