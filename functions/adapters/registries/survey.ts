// One answer of every registry to the same question: which of the six fields of a version are frozen today (R69)?

/** `frozen`: a sealed event is named, which `verify` must still confirm. `mutable`: there, and can be replaced unseen. */
export type FieldState = 'frozen' | 'mutable' | 'absent';

export type SurveyedField = { readonly field: string; readonly state: FieldState; readonly why: string };
export type Surveyed = { readonly model: string; readonly version: string; readonly fields: readonly SurveyedField[] };

const FIELDS = ['model', 'challenger', 'request', 'approvals', 'explanation', 'dataset'];

export const allFields = (state: FieldState, why: string): SurveyedField[] => FIELDS.map((field) => ({ field, state, why }));
export const frozenAs = (event: string): SurveyedField[] => allFields('frozen', `sealed as ${event}; verify it`);
export const mutableField = (field: string, why: string): SurveyedField => ({ field, state: 'mutable', why });
export const absentField = (field: string, why: string): SurveyedField => ({ field, state: 'absent', why });
