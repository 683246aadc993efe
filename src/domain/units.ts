/**
 * Branded numbers and ids: the only place where they are made.
 *
 * A brand costs nothing at run time and stops seconds from meeting milliseconds. Percent exists only in
 * chat text and config; inside the code every share is a `Ratio` from 0 to 1.
 */

declare const brand: unique symbol;
type Branded<T, B extends string> = T & { readonly [brand]: B };

/** A span of time in milliseconds. */
export type Ms = Branded<number, 'Ms'>;
/** A moment: milliseconds since 1970-01-01T00:00:00Z. */
export type EpochMs = Branded<number, 'EpochMs'>;
/** A size in bytes. */
export type Bytes = Branded<number, 'Bytes'>;
/** A share from 0 to 1. */
export type Ratio = Branded<number, 'Ratio'>;

export type IncidentId = Branded<string, 'IncidentId'>;
export type ActionId = Branded<string, 'ActionId'>;
export type ApprovalId = Branded<string, 'ApprovalId'>;

export function ms(value: number): Ms {
  return value as Ms;
}
export function seconds(value: number): Ms {
  return (value * 1_000) as Ms;
}
export function minutes(value: number): Ms {
  return (value * 60_000) as Ms;
}
export function hours(value: number): Ms {
  return (value * 3_600_000) as Ms;
}
export function days(value: number): Ms {
  return (value * 86_400_000) as Ms;
}
export function epochMs(value: number): EpochMs {
  return value as EpochMs;
}
export function bytes(value: number): Bytes {
  return value as Bytes;
}
export function mebibytes(value: number): Bytes {
  return (value * 1_048_576) as Bytes;
}
export function ratio(value: number): Ratio {
  return value as Ratio;
}
export function fromPercent(value: number): Ratio {
  return (value / 100) as Ratio;
}

export function incidentId(value: string): IncidentId {
  return value as IncidentId;
}
export function actionId(value: string): ActionId {
  return value as ActionId;
}
export function approvalId(value: string): ApprovalId {
  return value as ApprovalId;
}

/** Time from `from` to `to`; negative when the clock was set back. */
export function elapsed(from: EpochMs, to: EpochMs): Ms {
  return (to - from) as Ms;
}
export function after(moment: EpochMs, span: Ms): EpochMs {
  return (moment + span) as EpochMs;
}
export function before(moment: EpochMs, span: Ms): EpochMs {
  return (moment - span) as EpochMs;
}

/** ISO 8601 in UTC, the only form of a moment on disk and on the wire. */
export function toIso(moment: EpochMs): string {
  return new Date(moment).toISOString();
}
/** The moment an ISO 8601 text names, or `undefined` where it names none. */
export function fromIso(text: string): EpochMs | undefined {
  const value = Date.parse(text);
  return Number.isNaN(value) ? undefined : (value as EpochMs);
}
