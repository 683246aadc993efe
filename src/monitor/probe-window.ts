/**
 * What one answer to a probe means, and what the last minute of answers comes to.
 *
 * Pure. A refusal, a timeout or a wrong answer is a failure of the service. A question that could not be asked
 * (no name server, no route, no free file handle, a process that was stopped meanwhile) is *unknown* and says
 * nothing about the service.
 */
import type { HttpResult } from '../domain/ports.ts';
import { type Ms, minutes, seconds } from '../domain/units.ts';
import type { ProbeConfig } from './config.ts';

/** The success rate looks back a minute, and over this many answers where they come slower. */
const WINDOW: Ms = minutes(1);
const LEAST_ANSWERS = 6;
/** Fewer answers than this are no rate … */
const KNOWN_ANSWERS = 3;
/** … and where one of them failed, fewer than this: the first failure of a service that just started is no third. */
const JUDGED_ANSWERS = LEAST_ANSWERS;
/** A verification looks back two minutes as shipped, ten at most; slow probes by their last answers. */
const KEPT: Ms = minutes(10);
const LEAST_KEPT = 12;
/** A timeout that came this much too late was ours: the process stood still. */
const OWN_LATENESS: Ms = seconds(2);

/** Codes of a question that was never asked; every other failure is an answer of a kind. */
const NOT_ASKED =
  /\b(EAI_\w+|ENOTFOUND|EBUSY|ENETUNREACH|ENETDOWN|EHOSTUNREACH|EADDRNOTAVAIL|EMFILE|ENFILE|ENOMEM|ENOBUFS)\b/;

export interface ProbeAnswer {
  /** When it came, by the monotonic clock. */
  readonly at: Ms;
  readonly kind: 'ok' | 'failed' | 'unknown';
  /** Any HTTP answer at all, whatever its status; `null` = unknown. */
  readonly answered: boolean | null;
  /** Time to the answer; `null` without one. */
  readonly latency: Ms | null;
  readonly reason: string;
}

export function judgeAnswer(result: HttpResult, probe: ProbeConfig, at: Ms): ProbeAnswer {
  switch (result.kind) {
    case 'answered': {
      const fault = faultOf(result.status, result.body, probe);
      const kind = fault === '' ? 'ok' : 'failed';
      return { at, kind, answered: true, latency: result.took, reason: fault };
    }
    case 'timed_out':
      if (result.took > probe.timeLimit + OWN_LATENESS) return unknownAnswer(at, 'this process stood still');
      return {
        at,
        kind: 'failed',
        answered: false,
        latency: null,
        reason: `no answer within ${probe.timeLimit} ms`,
      };
    case 'failed':
      if (NOT_ASKED.test(result.reason)) return unknownAnswer(at, result.reason);
      return { at, kind: 'failed', answered: false, latency: null, reason: result.reason };
  }
}

/** Answers that still count: those of the last minute, and more where they come slower. */
export function recentAnswers(answers: readonly ProbeAnswer[], now: Ms): readonly ProbeAnswer[] {
  const inWindow = answers.filter((answer) => now - answer.at < WINDOW).length;
  return answers.slice(-Math.max(inWindow, LEAST_ANSWERS));
}

/** Answers worth keeping: what a rate, a test of failing or a verification may still ask for. */
export function keptAnswers(answers: readonly ProbeAnswer[], now: Ms): readonly ProbeAnswer[] {
  const fresh = answers.filter((answer) => now - answer.at < KEPT).length;
  return answers.slice(-Math.max(fresh, LEAST_KEPT));
}

/** Share of known answers that were right; `null` while there are too few. */
export function successRate(answers: readonly ProbeAnswer[]): number | null {
  const known = answers.filter((answer) => answer.kind !== 'unknown');
  const right = known.filter((answer) => answer.kind === 'ok').length;
  const enough = right === known.length ? KNOWN_ANSWERS : JUDGED_ANSWERS;
  return known.length < enough ? null : right / known.length;
}

export function unknownAnswer(at: Ms, reason: string): ProbeAnswer {
  return { at, kind: 'unknown', answered: null, latency: null, reason };
}

function faultOf(status: number, body: string, probe: ProbeConfig): string {
  const rightStatus =
    probe.expectStatus === null ? status >= 200 && status < 400 : status === probe.expectStatus;
  if (!rightStatus) return `answered with status ${status}`;
  if (probe.expectBody !== null && !body.includes(probe.expectBody))
    return 'answered without the expected text';
  return '';
}
