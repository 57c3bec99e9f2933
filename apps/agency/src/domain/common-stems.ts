/** Words that lead the published lists of breached passwords, English and Swedish, longest first so that the longest is taken.
 * Ours to keep: words alone, no list was copied. */
export const COMMON_STEMS: readonly string[] = (
  'password passwort passwd pass lösenord losenord hemligt hemlig kodord welcome välkommen valkommen admin administrator root user guest login ' +
  'letmein secret changeme change default master access test testing demo sandbox avtala agency booker company företag foretag ' +
  'iloveyou ilove loveyou love you mylove jagälskardig jagalskardig älskar alskar kärlek karlek baby sweetheart honey angel princess prinsessa ' +
  'sunshine solsken flower blomma summer sommar winter vinter spring vår autumn fall höst monday måndag friday fredag january januari december ' +
  'football fotboll hockey soccer basketball baseball golf tennis sports sport aik hammarby djurgården djurgarden malmö malmo göteborg goteborg ' +
  'ifkgoteborg ifk stockholm sverige sweden uppsala svensson andersson johansson arsenal chelsea liverpool manchester united barcelona ' +
  'superman batman spiderman starwars pokemon pikachu minecraft fortnite matrix dragon monkey tiger lion shadow ninja killer hunter ranger warrior ' +
  'computer dator internet google facebook instagram microsoft windows apple iphone samsung android linux network server office ' +
  'michael jessica ashley daniel jennifer andrew thomas robert charlie george maria anna erik lars karl johan emma linnea oscar oskar elsa ' +
  'qwerty qwertz azerty asdf zxcv qazwsx abc abcd abcdef onetwothree trustno freedom whatever nothing hello hej hejsan hejhej goodbye ' +
  'orange banana apple cheese chocolate choklad coffee kaffe cookie pepper ginger silver gold diamond money pengar blue red green black white ' +
  'mother mamma father pappa family familj brother sister friend friends forever happy lucky magic music musik guitar rainbow heaven jesus christ ' +
  'please dont know remember forget new old my the is this and me i a for our correct horse battery staple hunter super secure security safe strong'
)
  .split(' ')
  .sort((a, b) => b.length - a.length);
