import { expect, it } from 'vitest';
import { reportFiles } from '../../cli/options/reports.ts';
import { reportFormats } from '../../shared/audit/report/formats.ts';

it('the command knows the reports of the service, under the same names and files', () => {
  const files = Object.entries(reportFormats).map(([name, { fileName }]) => [name, fileName]);
  expect(Object.entries(reportFiles).sort()).toEqual(files.sort());
});
