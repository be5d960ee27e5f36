/** The console's API client, and the sign-in calls that live outside `/api/v1/`. */
import { ApiClient, ApiError } from '@shared/api/client'
import { FileClient } from '@shared/api/files'

let signedOut: () => void = () => undefined

/** The session store hears about every 401 through this. */
export function onSignedOut(listener: () => void): void {
  signedOut = listener
}

export const api = new FileClient({ onSignedOut: () => signedOut() })

const auth = new ApiClient({ base: '/_allauth/browser/v1/' })

export type SignInStep = 'done' | 'code'

interface AuthError {
  message: string
  code: string
  param?: string
}

/** A refused sign-in, with the server's own words (they are in the reader's language). */
export class SignInRefused extends Error {
  readonly code: string

  constructor(error: AuthError | undefined) {
    super(error?.message ?? '')
    this.code = error?.code ?? 'unknown'
  }
}

/** Any call sets the CSRF cookie; 401 only says that nobody is signed in yet. */
async function ensureCsrf(): Promise<void> {
  try {
    await auth.get('auth/session')
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
  }
}

/** A 401 with a pending step is no failure: the password was right and a code is asked for. */
function nextStep(error: unknown): SignInStep {
  if (!(error instanceof ApiError) || error.status === 0) throw error
  const data = error.body.data as { flows?: { id: string; is_pending?: boolean }[] } | undefined
  const pending = data?.flows?.some((flow) => flow.id === 'mfa_authenticate' && flow.is_pending)
  if (error.status === 401 && pending) return 'code'
  throw new SignInRefused((error.body.errors as AuthError[] | undefined)?.[0])
}

export async function signIn(email: string, password: string): Promise<SignInStep> {
  await ensureCsrf()
  try {
    await auth.post('auth/login', { email, password })
    return 'done'
  } catch (error) {
    return nextStep(error)
  }
}

export async function sendCode(code: string): Promise<SignInStep> {
  try {
    await auth.post('auth/2fa/authenticate', { code })
    return 'done'
  } catch (error) {
    return nextStep(error)
  }
}

export async function signOut(): Promise<void> {
  try {
    await auth.delete('auth/session')
  } catch (error) {
    // Signed out is answered with 401: nobody is here any more.
    if (!(error instanceof ApiError && error.status === 401)) throw error
  }
}
