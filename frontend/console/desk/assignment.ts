/** The account of assignment: the generated shapes by their names here. */
import type { Schemas } from '@shared/api/whole'

export type Considered = Schemas['ConsideredShape']
export type Decision = Schemas['DecisionShape']
export type Assignment = Schemas['AssignmentShape']
