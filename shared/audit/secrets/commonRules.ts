import { entropy, isPlaceholder } from './placeholder.ts';
import type { SecretRule } from './rule.ts';

/** Secrets in forms that many services share. */
export const commonRules: readonly SecretRule[] = [
  {
    id: 'aws-access-key-id',
    what: 'the id of an AWS access key',
    triggers: ['AKIA', 'ASIA'],
    pattern: /(?<![A-Za-z0-9])(?<secret>A[KS]IA[A-Z0-9]{16})(?![A-Za-z0-9])/dg,
    accepts: ({ secret = '' }) => !secret.endsWith('EXAMPLE'),
  },
  {
    id: 'aws-secret-access-key',
    what: 'an AWS secret access key',
    triggers: ['ecret', 'ECRET'],
    pattern:
      /secret_?(?:access_?)?key["'`\])]{0,3}[ \t]{0,4}(?:=>|[:=,])[ \t]{0,4}["'`]?(?<secret>[A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])/dgi,
    accepts: ({ secret = '' }) => !secret.includes('EXAMPLE') && entropy(secret) >= 3.5,
  },
  {
    id: 'jwt',
    what: 'a JSON Web Token',
    triggers: ['eyJ'],
    pattern:
      /(?<![A-Za-z0-9_-])(?<secret>eyJ[A-Za-z0-9_-]{10,4000}\.eyJ[A-Za-z0-9_-]{10,8000}\.[A-Za-z0-9_-]{20,2000})(?![A-Za-z0-9_-])/dg,
  },
  {
    id: 'bearer-token',
    what: 'a bearer token',
    triggers: ['earer ', 'EARER '],
    pattern: /bearer (?<secret>[A-Za-z0-9._~+/-]{24,4000}={0,2})(?![A-Za-z0-9._~+/=-])/dgi,
    accepts: ({ secret = '' }) => !isPlaceholder(secret) && /[0-9]/.test(secret) && entropy(secret) >= 3.5,
  },
  {
    id: 'url-credentials',
    what: 'a password in an address',
    triggers: ['://'],
    pattern:
      /:\/\/(?<user>[^\s:@/'"`<>\\]{0,100}):(?<secret>[^\s@/'"`<>\\]{3,200})@(?=[A-Za-z0-9[])(?!(?:[\w-]{1,40}\.)?example\.)/dg,
    accepts: ({ user = '', secret = '' }) => secret !== user && !isPlaceholder(secret),
  },
  {
    id: 'connection-string-password',
    what: 'a password in a connection string',
    triggers: ['assword', 'ASSWORD', 'Pwd', 'pwd', 'PWD'],
    pattern:
      /(?:(?<=;[ \t]{0,4})(?:password|pwd)[ \t]{0,2}=[ \t]{0,2}|["'`](?:password|pwd)[ \t]{0,2}=[ \t]{0,2}(?=[^;"'`\s]{4,200};))(?<secret>[^;"'`\s]{4,200})(?=[;"'`]|$)/dgim,
    accepts: ({ secret = '' }) =>
      !isPlaceholder(secret) && !/[()[\]]/.test(secret) && /[0-9!@#$%^&*+=?~|-]/.test(secret),
  },
  {
    id: 'connection-string-password',
    what: 'a password in a connection string',
    triggers: ['assword=', 'ASSWORD='],
    pattern:
      /,[ \t]{0,4}password=(?<secret>[^,;"'`\s]{8,200}),[ \t]{0,4}(?:ssl|abortconnect|user)[ \t]{0,2}=/dgi,
    accepts: ({ secret = '' }) => !isPlaceholder(secret),
  },
];
