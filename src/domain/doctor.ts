/**
 * What `nightshift doctor` and `/ops test` look at: one check a question, each with an answer that says how to mend
 * what it found. A check looks and changes nothing that anybody sees.
 */

/** `finding` = a person should mend it; `skipped` = it could not be asked, and why. */
export type DoctorAnswer =
  | { readonly kind: 'ok'; readonly text: string }
  | { readonly kind: 'finding'; readonly text: string; readonly mend: string }
  | { readonly kind: 'skipped'; readonly text: string };

export interface DoctorCheck {
  /** `slack scopes`: the part, then what is asked of it. */
  readonly name: string;
  /** Never rejects; answers within its own deadline, a few seconds. */
  run(): Promise<DoctorAnswer>;
}
