import { describe, expect, it } from 'vitest';
import { minutes, ms } from '../../../../src/domain/units.ts';
import { createHistory } from '../../../../src/monitor/detect/history.ts';

describe('createHistory', () => {
  it('keeps the newest rows and no more than its bound', () => {
    const history = createHistory(500);
    for (let row = 0; row < 2_000; row += 1) history.add(Float32Array.of(row), minutes(row), row % 48, true);

    const all = history.last(minutes(10_000));
    expect(all.rows).toBe(500);
    expect([all.values[0], all.values[499]]).toEqual([1_500, 1_999]);
    expect([...history.last(minutes(3)).values]).toEqual([1_997, 1_998, 1_999]);
  });

  it('takes a new column as unknown for the rows before it', () => {
    const history = createHistory(500);
    history.add(Float32Array.of(1), ms(0), 0, true);
    history.add(Float32Array.of(2, 20), minutes(1), 0, true);

    expect([...history.tail(2).values]).toEqual([1, Number.NaN, 2, 20]);
  });

  it('is the same after a save, wherever the ring stands', () => {
    let history = createHistory(300);
    for (let row = 0; row < 1_000; row += 1) {
      history.add(Float32Array.of(row, -row), minutes(row), row % 48, true);
      if (row % 137 === 0) history = createHistory(300, history.save());
    }

    const plain = createHistory(300);
    for (let row = 0; row < 1_000; row += 1)
      plain.add(Float32Array.of(row, -row), minutes(row), row % 48, true);
    expect(history.save()).toEqual(plain.save());
  });
});
