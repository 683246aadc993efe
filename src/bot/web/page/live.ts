/**
 * The live feed: connects, comes back by itself, and says plainly when it is not there. The browser retries after a
 * dropped line; it does not after an answer it dislikes, nor when a line goes silent, so both are watched here.
 */
import type { FeedPatch } from '../feed-views.ts';
import { Problem } from './api.ts';
import { feed, now, session, take } from './store.ts';

/** The server beats every 15 s; two missed beats are a dead line. */
const SILENCE_MS = 35_000;
const RETRY_MS = 3_000;

let source: EventSource | null = null;
let heardAt = 0;
let isWatching = false;

/** Connects; called again after signing in again. */
export function startFeed(): void {
  connect();
  if (isWatching) return;
  isWatching = true;
  setInterval(watch, 5_000);
  // A phone that slept has missed everything: do not wait for the silence to be noticed.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'visible') watch();
  });
}

export function stopFeed(): void {
  source?.close();
  source = null;
}

function connect(): void {
  stopFeed();
  heardAt = Date.now();
  const opened = new EventSource('/api/events');
  source = opened;
  opened.addEventListener('snapshot', (event) => hear(event, 'snapshot'));
  opened.addEventListener('patch', (event) => hear(event, 'patch'));
  opened.addEventListener('beat', alive);
  opened.addEventListener('error', () => {
    lost();
    if (opened.readyState === EventSource.CLOSED && source === opened) setTimeout(again, RETRY_MS);
  });
}

function hear(event: MessageEvent<string>, how: 'snapshot' | 'patch'): void {
  take(JSON.parse(event.data) as FeedPatch, how);
  alive();
}

function alive(): void {
  heardAt = Date.now();
  now.value = heardAt;
  if (feed.value.kind !== 'live') feed.value = { kind: 'live' };
}

function lost(): void {
  if (feed.value.kind === 'lost') return;
  feed.value = { kind: 'lost', since: Date.now() };
}

function watch(): void {
  now.value = Date.now();
  if (source === null || Date.now() - heardAt < SILENCE_MS) return;
  lost();
  connect();
}

/** The server said no: either the session is over, or it is away. */
async function again(): Promise<void> {
  if (source === null) return;
  try {
    const answer = await fetch('/api/session');
    if (answer.status === 401) {
      session.value = null;
      stopFeed();
      return;
    }
    if (!answer.ok) throw new Problem(answer.status, 'UNREACHABLE', 'not ready');
    connect();
  } catch {
    // Still away; the banner says so.
    setTimeout(again, RETRY_MS);
  }
}
