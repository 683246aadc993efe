import { describe, expect, it } from 'vitest';
import { OpsError } from '../../../src/domain/errors.ts';
import { problem, problemOf } from '../../../src/platform/http-problem.ts';

describe('problem', () => {
  it('has one shape, with details null when there are none', () => {
    expect(problem('NOT_FOUND', 'No.')).toEqual({
      status: 404,
      body: { error: { code: 'NOT_FOUND', message: 'No.', details: null } },
    });
  });
});

describe('problemOf', () => {
  it('tells what the caller did wrong', () => {
    const tooLarge = Object.assign(new Error('body'), { statusCode: 413 });

    expect(problemOf(tooLarge)).toMatchObject({
      isOurs: false,
      answer: { status: 413, body: { error: { code: 'TOO_LARGE' } } },
    });
    expect(problemOf(new OpsError('REFUSED', 'Frozen.')).answer).toMatchObject({
      status: 409,
      body: { error: { code: 'REFUSED', message: 'Frozen.' } },
    });
  });

  it.each([
    new Error('password=hunter2'),
    'a string',
    undefined,
    new OpsError('STATE_CORRUPT', '/var/secret'),
  ])('keeps the inside of our own failures to the log', (thrown) => {
    const { answer, isOurs } = problemOf(thrown);

    expect(isOurs).toBe(true);
    expect(answer).toMatchObject({ status: 500, body: { error: { code: 'INTERNAL' } } });
    expect(JSON.stringify(answer)).not.toMatch(/hunter2|secret/);
  });
});
