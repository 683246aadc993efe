import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CsvRecord, readCsv } from '../../../../src/monitor/replay/csv-rows.ts';

async function* pieces(text: string, size: number): AsyncGenerator<string> {
  for (let at = 0; at < text.length; at += size) yield text.slice(at, at + size);
}

async function read(text: string, size = 7): Promise<CsvRecord[]> {
  const records: CsvRecord[] = [];
  for await (const record of readCsv(pieces(text, size))) records.push(record);
  return records;
}

function fields(records: readonly CsvRecord[]): (readonly string[])[] {
  return records.flatMap((record) => (record.kind === 'fields' ? [record.fields] : []));
}

describe('readCsv', () => {
  it('reads plain, quoted and CRLF rows with their line numbers', async () => {
    const text = '\uFEFFtime,"a ""b""",c\r\n1,"2,5",3\r\n\r\n2,"x\ny",z\n3,4,5';

    expect(await read(text)).toEqual([
      { kind: 'fields', line: 1, fields: ['time', 'a "b"', 'c'] },
      { kind: 'fields', line: 2, fields: ['1', '2,5', '3'] },
      { kind: 'fields', line: 4, fields: ['2', 'x\ny', 'z'] },
      { kind: 'fields', line: 6, fields: ['3', '4', '5'] },
    ]);
  });

  it('reads the same however the text is cut', async () => {
    const cell = fc.string({ unit: fc.constantFrom('a', ',', '"', '\n', ' ', 'é'), maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 12 }),
        fc.integer({ min: 1, max: 40 }),
        async (rows, size) => {
          const text = rows
            .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(','))
            .join('\n');

          expect(fields(await read(text, size))).toEqual(rows);
        },
      ),
    );
  });

  it('names a row whose quotes do not match, and reads on', async () => {
    expect(await read('a,b\n1,"2"3\n4,5\n')).toMatchObject([
      { fields: ['a', 'b'] },
      { kind: 'broken', line: 2 },
      { fields: ['4', '5'] },
    ]);
  });

  it('gives up an endless row instead of keeping it', async () => {
    const records = await read(`a,b\n1,"${'x'.repeat(2_500_000)}`, 65_536);

    expect(records[1]).toMatchObject({ kind: 'broken', line: 2 });
  });

  it('counts a line that is too long once, and reads on after it', async () => {
    const records = await read(`a,b\n1,${'9'.repeat(3_500_000)},2\n3,4\n`, 65_536);

    expect(records.map(({ kind, line }) => [kind, line])).toEqual([
      ['fields', 1],
      ['broken', 2],
      ['fields', 3],
    ]);
  });
});
