/** The bars and what others reach on the same data, measured or published; docs/detection.md says from where. */

export interface Known {
  readonly bar: string;
  readonly goal: string;
  readonly known: string;
}

export const KNOWN: Readonly<Record<string, Known>> = {
  'NAB standard': {
    bar: '>= 71',
    goal: '> 75',
    known: 'ARTime 74.85, Numenta HTM 70.10, CAD OSE 69.90, Random Cut Forest 51.7',
  },
  'NAB low FP': { bar: '>= 65', goal: '> 70', known: 'CAD OSE 66.98, ARTime 65.15' },
  'NAB low FN': { bar: '-', goal: '-', known: 'ARTime 80.36, Numenta HTM 74.32' },
  'SMD area under precision-recall': { bar: '>= 0.51', goal: '> 0.60', known: 'first study 0.462' },
  'SMD onset F1': { bar: '>= 0.57', goal: '> 0.65', known: 'k-means as in Netdata 0.24, mean ± 3σ 0.13' },
  'SMD false alarms a day': { bar: '<= 0.37', goal: '< 0.2', known: 'k-means 1.28, mean ± 3σ 13.9' },
  'SMD false warnings and criticals a day': { bar: '<= 0.15', goal: '< 0.05', known: '' },
  'SMD median delay (s)': { bar: '<= 120', goal: '<= 60', known: 'study 120' },
  'SMD slowest machine (s)': { bar: '< 20', goal: '< 5', known: 'study in Python 1.3' },
  'ASD area under precision-recall': { bar: '>= 0.52', goal: '> 0.60', known: 'first study 0.483' },
  'ASD onset F1': { bar: '>= 0.51', goal: '> 0.60', known: 'first study 0.51' },
  'ASD false alarms a day': { bar: '<= 0.34', goal: '< 0.15', known: 'first study 0.34' },
  'ASD false warnings and criticals a day': { bar: '<= 0.15', goal: '< 0.05', known: '' },
  'quiet week: warnings, criticals': { bar: '<= 1, 0', goal: '0, 0', known: '' },
  'busy week: warnings, criticals': { bar: '<= 1, 0', goal: '0, 0', known: '' },
  'month with 30 faults: found': { bar: '-', goal: '30 of 30', known: '' },
  'month with 30 faults: false warnings a week': { bar: '<= 1', goal: '0', known: '' },
};
