/** How the generated shapes are read by the apps. */
import type { components } from './schema'

export type Schemas = components['schemas']

/** The server always sends every member; the description only says which are needed on input. */
export type Whole<T> = T extends (infer Item)[]
  ? Whole<Item>[]
  : T extends object
    ? { [Name in keyof T]-?: Whole<T[Name]> }
    : T
