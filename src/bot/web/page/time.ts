/** Moments as people read them: local times, the date only when it is another day, the zone on hover. */

const TIME = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' });
const SECONDS = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' });
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' });
const DAY_MS = 86_400_000;
const FULL = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'long' });

/** `02:06`, or `21 Nov 02:06` on another day than `reference`. */
export function clockWords(at: number, reference: number, precise: boolean = false): string {
  const time = (precise ? SECONDS : TIME).format(at);
  const day = DAY.format(at);
  return day === DAY.format(reference) ? time : `${day} ${time}`;
}

/** With date, seconds and zone: for hovering over the short one. */
export function fullWords(at: number): string {
  return FULL.format(at);
}

/** A label of a time axis: `22 Nov` for midnight and for steps of a day, else the time. */
export function axisWords(at: number, before: number | null): string {
  const time = TIME.format(at);
  const isDays = before !== null && at - before >= DAY_MS * 0.9;
  return time === '00:00' || isDays ? DAY.format(at) : time;
}

/** The moment an ISO text names. */
export function momentOf(iso: string): number {
  return Date.parse(iso);
}
