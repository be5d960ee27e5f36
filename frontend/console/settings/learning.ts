/** What the desk has learned: the generated shapes by their names here. Shares are of one. */
import type { Schemas, Whole } from '@shared/api/whole'

/** One task in one language; `baseline` is what always saying the most frequent would reach. */
export type LearnedModel = Schemas['LearnedShape']
export type Learning = Schemas['LearningShape']

/** What it may do by itself; null: never, else the confidence above which it fills. */
export type LearningChoices = Whole<Schemas['PolicyShape']>
