/** People at work: skills, weeks, absences, and how queues give tickets out: the generated shapes by their names here. */
import type { Schemas, Whole } from './whole'

export type Skill = Whole<Schemas['Skill']>

/** A stretch of a week, in the local time of its zone; 0 is Monday. */
export type WeekSpan = Schemas['Shift']
export type Absence = Whole<Schemas['Absence']>
export type Person = Whole<Schemas['Person']>
export type QueueSettings = Whole<Schemas['QueueSettings']>
export type Strategy = QueueSettings['strategy']
export type Calendar = Whole<Schemas['Calendar']>
