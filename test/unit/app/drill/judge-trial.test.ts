import { describe, expect, it } from 'vitest';
import { faultEntry } from '../../../../src/app/drill/catalogue.ts';
import { isOver, judgeControl, judgeTrial, type Observation } from '../../../../src/app/drill/judge-trial.ts';
import type { SeenIncident, SeenLine } from '../../../../src/app/drill/sandbox-api.ts';
import { after, type EpochMs, seconds, toIso } from '../../../../src/domain/units.ts';
import { START } from '../../../support/builders.ts';

const at = (second: number): EpochMs => after(START, seconds(second));
const iso = (second: number): string => toIso(at(second));

function incident(over: Partial<SeenIncident> = {}): SeenIncident {
  return {
    id: 'inc-1',
    state: 'resolved',
    stateDetail: { how: 'healed' },
    target: 'drill-worker',
    severity: 'critical',
    openedAt: iso(8),
    resolvedAt: iso(30),
    pagedAt: null,
    reopened: 0,
    anomalies: [{ target: 'drill-worker', detectedAt: iso(9) }],
    ...over,
  };
}

function intent(second: number, target = 'drill-worker'): SeenLine {
  return { time: iso(second), kind: 'intent', text: `restart ${target}`, target };
}

function exit(second: number): SeenLine {
  return {
    time: iso(second),
    kind: 'worker',
    text: 'drill-worker ended',
    target: 'drill-worker',
    data: { how: 'was killed' },
  };
}

function seen(over: Partial<Observation> = {}): Observation {
  return {
    injectedAt: at(0),
    incidents: [incident()],
    intents: [intent(10)],
    workerLines: [],
    effects: [{ patient: 'drill-worker', at: at(12), effect: 'start' }],
    wellSince: at(15),
    ...over,
  };
}

const hung = faultEntry('hung');

describe('judgeTrial', () => {
  it('is healed when the right trouble was found, an action helped, and the patient itself is well', () => {
    expect(judgeTrial(hung, seen())).toEqual({
      ending: 'healed',
      detected: 9_000,
      recovered: 30_000,
      actions: 1,
      wrongActions: 0,
      paged: false,
      exits: null,
      note: '',
    });
  });

  it.each([
    ['the patient is not well', seen({ wellSince: null }), /not well/],
    ['it is still verified', seen({ incidents: [incident({ state: 'verifying' })] }), /still verifying/],
    ['nobody helped', seen({ incidents: [incident({ stateDetail: { how: 'recovered' } })] }), /without help/],
    ['people were called', seen({ incidents: [incident({ pagedAt: iso(20) })] }), /people were called/],
    ['another target was found', seen({ incidents: [incident({ anomalies: [] })] }), /not detected/],
  ])('is missed when %s', (_, observation, note) => {
    expect(judgeTrial(hung, observation)).toMatchObject({ ending: 'missed', recovered: null });
    expect(judgeTrial(hung, observation).note).toMatch(note);
  });

  it('counts as wrong what touched the healthy, came before the fault, or was announced by nobody', () => {
    const judged = judgeTrial(
      hung,
      seen({
        intents: [intent(-5), intent(10), intent(12, 'drill-shop')],
        effects: [
          { patient: 'drill-worker', at: at(12), effect: 'start' },
          { patient: 'drill-db', at: at(13), effect: 'start' },
          ...Array.from({ length: 4 }, () => ({
            patient: 'drill-shop',
            at: at(14),
            effect: 'POST /control/fallback',
          })),
        ],
      }),
    );

    expect(judged.wrongActions).toBe(4);
    expect(judged.ending).toBe('missed');
    expect(judged.note).toMatch(/drill-db was started again without need/);
    expect(judged.note).toMatch(/no intent line announces/);
  });

  it('takes a killed process as found when its supervisor saw the end, and as healed when it runs again', () => {
    const killed = seen({ incidents: [], intents: [], workerLines: [exit(0.05)], wellSince: at(1.2) });

    expect(judgeTrial(faultEntry('killed'), killed)).toMatchObject({
      ending: 'healed',
      detected: 50,
      recovered: 1_200,
      actions: 0,
    });
    expect(isOver(faultEntry('killed'), { ...killed, effects: [] })).toBe(false);
  });

  it('asks of a crash loop that it is stopped after five exits and a person called', () => {
    const entry = faultEntry('crash_loop');
    const stopped: SeenLine = {
      time: iso(90),
      kind: 'worker',
      text: 'drill-worker is kept stopped: 5 exits',
    };
    const paged = [incident({ state: 'escalated', pagedAt: iso(91) })];
    const loop = (exits: number): Observation =>
      seen({
        incidents: paged,
        intents: [],
        effects: [],
        wellSince: null,
        workerLines: [...Array.from({ length: exits }, (_, index) => exit(index * 10 + 2)), stopped],
      });

    expect(judgeTrial(entry, loop(5))).toMatchObject({ ending: 'handed_over', exits: 5, recovered: null });
    expect(judgeTrial(entry, loop(6))).toMatchObject({ ending: 'missed', exits: 6 });
    expect(judgeTrial(entry, { ...loop(5), incidents: [] }).note).toMatch(/nobody was called/);
  });

  it('asks of what nothing heals that few actions are tried before a person is called', () => {
    const entry = faultEntry('flapping');
    const paged = [incident({ target: 'drill-shop', state: 'held', pagedAt: iso(40) })];
    const tries = (count: number): Observation =>
      seen({
        incidents: paged.map((one) => ({
          ...one,
          anomalies: [{ target: 'drill-shop', detectedAt: iso(9) }],
        })),
        intents: Array.from({ length: count }, (_, index) => intent(10 + index, 'drill-shop')),
        effects: [],
        wellSince: null,
      });

    expect(judgeTrial(entry, tries(3))).toMatchObject({ ending: 'handed_over', actions: 3, paged: true });
    expect(judgeTrial(entry, tries(4))).toMatchObject({ ending: 'missed' });
  });
});

describe('judgeControl', () => {
  it('is calm only when nothing was done and nobody called', () => {
    const calm = seen({ incidents: [], intents: [], effects: [] });

    expect(judgeControl(calm)).toMatchObject({ ending: 'calm', actions: 0, wrongActions: 0 });
    expect(judgeControl({ ...calm, intents: [intent(20)] })).toMatchObject({
      ending: 'missed',
      actions: 1,
      wrongActions: 1,
    });
    expect(judgeControl({ ...calm, incidents: [incident({ pagedAt: iso(20) })] }).ending).toBe('missed');
  });
});
