/** Work that must not overlap: each begins when the one before has ended, however that ended. */
export type Turns = <T>(work: () => Promise<T>) => Promise<T>;

export function createTurns(onFailure: (cause: unknown) => void): Turns {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(onFailure);
    return turn;
  };
}
