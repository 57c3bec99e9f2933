/** What a run ends with; the shape is part of the product (`npm run demo -- --json`). */
export interface Report {
  transport: string;
  seed: number;
  leads: { offered: number; accepted: number; merged: number; refused: number };
  requests: { acknowledged: number; lost: number };
  kills: { phase: string; inFlight: number }[];
  meetings: { booked: number; refusedAsTaken: number; doubleBooked: number };
  invites: { sent: number; received: number; duplicates: number; resent: number };
  /** `caldav`: how many of them are in the second client's calendars on a real CalDAV server; null where none can run here. */
  calendar: { events: number; caldav: number | null };
  crm: { hubspot: { contacts: number; meetings: number }; salesforce: { leads: number; events: number } };
  /** Some of the file's people at another client, on Salesforce and CalDAV; `leads` above counts the first client's alone. */
  secondClient: { offered: number; accepted: number; merged: number; refused: number; booked: number; erased: number };
  clientOwned: { seeded: number; kept: number; ourFieldsLeft: number };
  erasure: { leads: number; orders: number; incomplete: number; certificates: number; certificatesValid: number };
  residue: { rows: number; dataKeys: number; opened: number; controlsSeen: number; controls: number };
  canaries: {
    searched: number;
    skipped: number;
    found: number;
    where: string[];
    plantedFound: number;
    planted: number;
  };
  seconds: { total: number };
}

export const emptyReport = (transport: string, seed: number): Report => ({
  transport,
  seed,
  leads: { offered: 0, accepted: 0, merged: 0, refused: 0 },
  requests: { acknowledged: 0, lost: 0 },
  kills: [],
  meetings: { booked: 0, refusedAsTaken: 0, doubleBooked: 0 },
  invites: { sent: 0, received: 0, duplicates: 0, resent: 0 },
  calendar: { events: 0, caldav: null },
  crm: { hubspot: { contacts: 0, meetings: 0 }, salesforce: { leads: 0, events: 0 } },
  secondClient: { offered: 0, accepted: 0, merged: 0, refused: 0, booked: 0, erased: 0 },
  clientOwned: { seeded: 0, kept: 0, ourFieldsLeft: 0 },
  erasure: { leads: 0, orders: 0, incomplete: 0, certificates: 0, certificatesValid: 0 },
  residue: { rows: 0, dataKeys: 0, opened: 0, controlsSeen: 0, controls: 0 },
  canaries: { searched: 0, skipped: 0, found: 0, where: [], plantedFound: 0, planted: 0 },
  seconds: { total: 0 },
});

/** What a run must show, one sentence for each promise that did not hold. Empty = everything held. */
export function complaints(r: Report, kills: number): string[] {
  const out: string[] = [];
  const must = (ok: boolean, sentence: string) => ok || out.push(sentence);
  const { leads: l, secondClient: l2, erasure: e, residue: s, canaries: c } = r;
  must(l.accepted + l.merged + l.refused === l.offered, 'accepted + merged + refused is not what was offered');
  must(l.accepted > 0, 'no lead was accepted');
  must(r.requests.lost === 0, `${r.requests.lost} acknowledged effects are lost`);
  must(r.meetings.booked >= Math.min(20, Math.floor(l.accepted / 2)), 'too few meetings were booked');
  must(r.meetings.doubleBooked === 0, `${r.meetings.doubleBooked} meetings overlap another of the same host`);
  must(r.invites.received === r.invites.sent, `${r.invites.sent} invites were sent, ${r.invites.received} received`);
  must(r.invites.duplicates === 0, `${r.invites.duplicates} invites with equal UID and SEQUENCE differ`);
  // One process has one mail in flight: a kill can repeat that one, byte for byte, and no other (protocols.md §8).
  const mayRepeat = r.kills.filter((k) => k.phase === 'push-or-invite' || k.phase === 'erasure').length;
  must(r.invites.resent <= mayRepeat, `${r.invites.resent} invites were sent twice, ${mayRepeat} at most may be`);
  must(r.kills.length === kills, `${r.kills.length} of ${kills} kills happened`);
  must(r.clientOwned.kept === r.clientOwned.seeded, 'a record of the client’s own was lost');
  must(
    r.clientOwned.ourFieldsLeft === 0,
    `${r.clientOwned.ourFieldsLeft} of our fields are left on the client’s records`,
  );
  must(e.leads === l.accepted, `${e.leads} leads erased of ${l.accepted}`);
  must(l2.accepted + l2.merged + l2.refused === l2.offered, 'the second client’s rows do not add up');
  must(l2.erased === l2.accepted, `${l2.erased} of the second client’s ${l2.accepted} leads erased`);
  must(r.crm.salesforce.events === l2.booked, `${l2.booked} meetings, ${r.crm.salesforce.events} events in Salesforce`);
  must(
    r.calendar.caldav === null || r.calendar.caldav === l2.booked,
    `${l2.booked} meetings, ${r.calendar.caldav} on the CalDAV server`,
  );
  must(
    e.orders > 0 && e.certificates === e.orders && e.certificatesValid === e.orders,
    'not every order has a valid certificate',
  );
  must(e.incomplete === 0, `${e.incomplete} orders are incomplete`);
  must(s.rows === 0 && s.dataKeys === 0 && s.opened === 0, 'something of an erased lead is left');
  must(s.controlsSeen === s.controls && s.controls > 0, 'the search for what is left overlooked a control');
  must(c.found === 0, `${c.found} values of erased people were found`);
  must(c.plantedFound === c.planted && c.planted > 0, 'the search for values overlooked a planted one');
  return out;
}
