"""Where people speak of themselves: word rules for a dozen languages, each with a category and a strength.

A rule is tried only where one of its opening words stands, so that scanning stays fast whatever the number of rules.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

# ruff: noqa: E501 - one rule a line

REACH = 160
"""A rule sees this many code points from its opening word on."""

CATEGORIES = ("about", "preferences", "projects", "dates", "beliefs", "decisions", "instruction")


class Rule(NamedTuple):
    """`pattern` is matched from the opening word on; `strength` is 1 (often a request) to 3 (nearly always self-talk).

    In `openers` an underscore stands for a space: "in_my" is tried far more seldom than "in"."""

    language: str
    category: str
    strength: int
    openers: str
    pattern: str


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule that matched: the code points from the opening word to the end of what the rule saw."""

    start: int
    end: int
    rule: Rule


_I = "i im ive id"
_AM = r"(?:i['’]?m|i am|i was)(?: (?:also|just|actually|currently|still|now|basically|really|not|more of|kind of))* "
_HAVE = r"(?:i['’]?ve|i have|i had)(?: (?:also|just|always|never|now|recently|currently))* "
_IVE = r"(?:i['’]?ve|i have)"
_OFTEN = r"i (?:also |still |really |always |never |usually |often |mostly |only |generally |just |mainly |currently |honestly |absolutely |actually |fucking |kinda |sometimes )*"
_KIN = (
    r"(?:late |ex[- ]|little |older |younger |oldest |youngest |elder |big |step|grand|\d+[- ]year[- ]old )*(?:wife|husband|girlfriend|"
    r"boyfriend|partner|spouse|fianc[eé]e?|(?:mother|father|sister|brother)[- ]in[- ]law|(?:mother|father|ma|pa|dad|son|daughter)\b|nephews?|nieces?|cousins?|boys|girls|mom|mum|mother|dad|father|parents?|sons?|daughters?|kids?|child|children|"
    r"toddler|baby|twins|brothers?|sisters?|siblings|stepson|stepdaughter|family|dogs?|cats?|puppy|in-laws|boss|aunt|uncle)"
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)"
)
_DATE = rf"(?:{_MONTH}\b|\d\d?(?:st|nd|rd|th)? (?:of )?{_MONTH}\b|q[1-4]\b|\d\d?[./]\d|(?:19|20)\d\d\b)"

# fmt: off
ENGLISH = (
    ("about", 3, _I, _AM + r"(?:an? |the )?(?:\w+,? (?=\d\d\b)|\d\d?(?:[ ,.]|yo\b|$|yrs?)|born\b|raised\b|from (?!the |now|here)|originally|based in|living in|married|divorced|single\b|retired|"
     r"diagnosed|allergic|lactose|celiac|coeliac|vegan|vegetarian|diabetic|autistic|adhd|dyslexic|bisexual|gay|trans\b|deaf|colou?r-?blind|blind|"
     r"left[- ]handed|pregnant|dating|engaged|widow|employed|self[- ]employed|unemployed|the (?:only|oldest|youngest|eldest)|half \w+)"),
    ("projects", 3, _I, _AM + r"(?:learning|building|writing|training|studying|restoring|renovating|developing|preparing for|working on|running|starting|"
     r"organi[sz]ing|saving|converting|teaching myself|planning to|trying to (?:lose|quit|learn|become|get|save|build|stop)|researching|doing (?:an?|my)|in the middle of|making|creating|designing|translating|hoping to|volunteering|coaching)\b"),
    ("decisions", 3, _I, _AM + r"(?:going to (?:apply|leave|quit|move|become|study|marry)|never going|leaving|quitting|moving to|switching|done with)\b"),
    ("preferences", 3, _I, _AM + r"(?:an? )?(?:big |huge |massive )?(?:fan|not a fan|into|obsessed|interested in|passionate|fond|addicted|(?:cat|dog|morning|night) (?:person|owl)|addict)\b"),
    ("dates", 3, _I, _AM + r"getting (?:married|divorced)"),
    ("dates", 3, _I, r"i (?:turn|turned|will turn|'ll turn) \d\d"),
    ("beliefs", 3, _I, _AM + r"(?:an? |very |pretty |quite )*(?:atheist|agnostic|christian|catholic|muslim|jewish|hindu|buddhist|practicing|religious|spiritual|feminist|socialist|conservative|liberal|libertarian|politically|convinced|against|pro-)"),
    ("about", 2, _I, _AM + r"(?:an?|the|on|in my|in the|in \d+th|at an?|your) "),
    ("about", 3, _I, _OFTEN + r"(?:live|lived|grew up|was born|was raised|was diagnosed|work(?:ed)? (?:as|at|for|in|from|remotely|nights|full|part|with)|studied|speak|suffer|teach|own|"
     r"weigh|identify|stay in|come from|care for|take care of|commute|served|earn|retired|used to (?:be|work|live|play))\b"),
    ("about", 2, _I, _OFTEN + r"(?:work|run|manage|lead|drive|study|employ|share|lost my|forget|tend to|struggle with|(?:get|wake|stay) up|go to (?:bed|church|the gym)|meditate|"
     r"bike|cycle|walk|swim|take \d+\w*|play|sing|fast|check|skip|cook|call my|volunteer|write in|eat|sleep|do (?:yoga|stand|my)|train|run)\b"),
    ("about", 3, _I, r"(?:i['’]?ve|i have|i['’]?ve got|i got|i have got|i suffer from|i deal with) (?:an? |my |the |two |three |four |\d |very |really |bad |chronic |severe |mild |type |his |old |young |lovely |little |tiny |big |golden |black |small )*(?:"
     + _KIN + r"|adhd|autism|asthma|diabetes|anxiety|depression|epilepsy|migraines?|arthritis|celiac|allerg\w+|insomnia|tinnitus|back|knees?|mortgage|degree|phd|dyslexia|bad \w+|no (?:kids|children|siblings)|golden retriever|channel|youtube)\b"),
    ("about", 3, _I, r"(?:i['’]?ve|i have) (?:also |always |mostly |only |now |recently )*(?:been (?:an?|living|working|with|in|at|married|sober|teaching|playing|together|vegan|vegetarian|on)|lived|worked|taught|played)\b"),
    ("projects", 3, _I, r"(?:i['’]?ve|i have) been (?:learning|building|writing|training|studying|working on my|mapping|trying to learn|teaching|translating|restoring|developing|making|collecting)\b"),
    ("preferences", 2, _I, r"(?:i['’]?ve|i have) (?:always|never) (?:loved|liked|hated|preferred|been|wanted|enjoyed)\b"),
    ("preferences", 2, _I, r"i never liked\b"),
    ("beliefs", 2, _I, r"(?:i['’]?ve|i have) (?:always|never|long) (?:thought|believed|trusted|felt|valued)\b"),
    ("decisions", 3, _I, r"(?:i['’]?ve|i have|i had|i)(?: \w+)? (?:decided|made up my mind|chose|chosen|given up|gave up|quit|stopped|turned down|dropped out|switched|sold|broke up|no longer|committed to|vowed|resigned|left my)\b|i won['’]?t \w+ (?:any ?more|again)|i no longer"),
    ("preferences", 2, _I, _OFTEN + r"(?:love|loved|hate|enjoy|adore|dislike|prefer|despise|can['’]?t stand|cannot stand|listen to|travel by|read|watch|collect|find it|learn best|can['’]?t (?:work|watch|eat|sleep)|"
     r"do(?:n['’]?t| not) (?:really )?(?:like|enjoy|eat|drink|care|drive|watch|use|smoke|cook|want kids))\b"),
    ("preferences", 2, _I, r"i['’]?d (?:much )?rather|i would rather"),
    ("preferences", 1, _I, _OFTEN + r"like\b(?! to know| you to| a | an | it\b| this)"),
    ("projects", 2, _I, _OFTEN + r"(?:volunteer|maintain|started (?:an?|my|learning)|launched|founded|coach|train for|plan to|want to (?:become|move|learn how to|open|start)|hope to|research|do (?:an?|stand)|run an?|have (?:an? )?(?:\w+ )?(?:channel|podcast|blog|startup|newsletter|business|shop))\b"),
    ("dates", 2, _I, _OFTEN + r"(?:moved|married|graduated|became|started|finished|got (?:married|divorced|engaged|my|our|the)|lost|met|bought|quit|joined|adopted|retired|left)\b"),
    ("beliefs", 2, _I, _OFTEN + r"(?:believe|value|trust|feel strongly|consider myself|do(?:n['’]?t| not) (?:really )?(?:believe|trust|think))\b"),
    ("beliefs", 1, _I, _OFTEN + r"(?:think|feel)\b"),
    ("about", 1, _I, _HAVE + r"(?:an?|two|three|four|some|no|\d+|my|got)\b"),
    ("about", 3, "my", r"my (?:full |first |last |nick)?name(?:['’]?s| is)\b|my (?:native|first|mother) (?:language|tongue)"),
    ("preferences", 3, "my", r"my (?:all[- ]time )?fav(?:ou?rite|e)?\b"),
    ("dates", 3, "my", r"my (?:birthday|anniversary|due date|wedding|surgery|flight|graduation|defen[cs]e|thesis defen[cs]e|exam)\b.{0,30}?(?:is|on|in)\b"),
    ("projects", 3, "my", r"my (?:side project|current project|start-?up|(?:phd |master['’]?s |own )?research|(?:master['’]?s |phd |bachelor )?thesis|novel|goal|dream|new year)\b.{0,20}? (?:is|are|makes|has|for)\b"),
    ("about", 3, "my", r"my " + _KIN + r"(?:['’]s)?(?: and (?:i|my \w+))?(?: \w+)? (?:is|are|was|has|have|had|died|lives?|works?|drives?|speaks?|moved|comes?|just|passed|runs?|teaches|suffers|never|always|doesn|\w+s\b)"),
    ("about", 2, "my", r"my (?:job|work|boss|company|business|knees?|back|health|commute|salary|income|hometown|rent|apartment|house|degree|religion|mother|hobby|hobbies)\b.{0,40}? (?:is|are|was|have been|has|includes?)\b"),
    ("about", 3, "we our", r"we (?:all )?(?:live|moved|grew up|have (?:twins|two|three|four|an?|\d) (?:\w+ )?(?:kids|children|sons?|daughters?|dogs?|cats?|house|farm|baby)|have twins|speak|eat|come from|own|['’]re (?:both|vegan|vegetarian|married|from))\b"
     r"|our " + _KIN + r"\b|our (?:house|farm|home|flat|apartment)\b.{0,20}? (?:is|was)"),
    ("projects", 3, "we", r"we(?:['’]?re| are) (?:currently |now )?(?:renovating|building|saving|trying|planning|restoring|expecting|starting)\b"),
    ("dates", 3, "we our", r"we (?:moved|met|married|got (?:married|engaged|our|the))\b|our (?:anniversary|lease|wedding|son was|daughter was|\w+ was born)"),
    ("decisions", 3, "we", r"we(?:['’]ve| have)? (?:decided|chose|agreed to|gave up|quit)\b|we(?:['’]?re| are) (?:staying|moving|leaving)\b"),
    ("about", 3, "as_a as_an", r"as an? [\w' -]{3,50},? (?:i\b|my\b)"),
    ("about", 2, "for_context for_background", r"for (?:context|background)[,:]? (?:i\b|im\b|my\b|we\b)"),
    ("projects", 2, "for_the", r"for the (?:last|past) [\w ]{3,14} i(?:['’]ve| have)\b"),
    ("beliefs", 3, "for_me to_me", r"(?:for|to) me,? (?!it['’]?s|this|that|about|to|in|and|or|the|a\b|how|what|please)[\w ]{3,24} (?:is|are|means?|matters?|comes?)\b"),
    ("beliefs", 3, "matters", r"matters? (?:more |most )?to me\b"),
    ("beliefs", 3, "family honesty", r"(?:family|honesty) (?:comes|is|matters)\b"),
    ("beliefs", 3, "what_matters", r"what matters most to me"),
    ("beliefs", 2, "in_my", r"in my opinion\b"),
    ("about", 2, "every on_mondays on_tuesdays on_wednesdays on_thursdays on_fridays on_saturdays on_sundays on_weekends", r"(?:every|on) (?:\w+ )?(?:day|morning|night|evening|sunday|monday|tuesday|wednesday|thursday|friday|saturday|weekend)s?,? i (?:always |usually )?\w+"),
    ("decisions", 2, "after", r"after [\w' ]{3,30},? i (?:decided|quit|gave up|stopped)\b"),
    ("instruction", 3, "from_now from_here in_future in_the_future in_all going_forward for_all", r"from (?:now|here) on\b|in (?:the )?future,? (?:please|just|always|never|don|do not|keep|use|call|answer)\b|in all (?:our|my|your|future) \w+|going forward\b|for all (?:my |your |our )?(?:future|answers)"),
    ("instruction", 2, "please you_should you_must can_you_always can_you_never always never stop", r"(?:please |you (?:should|must) |can you )?(?:always|never|stop)(?: ever)? (?:answer|reply|respond|use|give|start|end|ask|call|address|tell|include|cite|write|recommend|assume|explain|show|be|speak|talk|say|add|put|keep|remember|apologi\w+|ending|saying|using|\w+ing)\b"),
    ("instruction", 2, "stop", r"stop (?:using|apologi[sz]ing|ending|starting|saying|asking|giving|adding|calling|telling|being|repeating|recommending)\b"),
    ("instruction", 2, "please don't dont do_not don’t", r"(?:please )?(?:don['’]?t|do not)(?: you)?(?: ever)? (?:ever )?(?:use|call|give|start|end|add|tell|ask|say|write|recommend|apologi\w+|put)\b"),
    ("instruction", 3, "whenever when_i every_time next_time", r"when(?:ever)? i (?:ask|paste|send|write|say|give|tell|want|share)\b|whenever you\b|every time (?:i|you)\b|next time and every"),
    ("instruction", 3, "please remember keep", r"(?:please )?remember (?:that |always )?(?:i\b|i['’]?m\b|my\b|me\b|to always)|(?:please )?keep (?:your |all |the )?(?:answers|replies|responses)\b"),
    ("instruction", 3, "call address", r"(?:call|address) me\b"),
    ("instruction", 2, "no_more no_emoji no_emojis no_bullet no_disclaimers no_small no_em", r"no (?:more )?(?:emojis?|bullet points|disclaimers|small talk|em dashes)\b"),
    ("about", 2, _I, r"(?:i['’]?ve|i have)(?: \w+)? \w+[^.!?\n]{0,50}? (?:since|for (?:about |over |almost |nearly )?(?:\w+ )?(?:years|decades|months))\b"),
    ("about", 3, _I, _HAVE + r"(?:an? |the |two |three |four |\d+\w* |\w+ed |\w+ )?(?:\w+ )?(?:feet|foot|discs?|concussion|hip|condition|disease|disorder|syndrome|cancer|savings|newborn|passport|licen[cs]e|garden|allotment|ibs|ms|ptsd|ocd|parkinson['’]?s)\b"),
    ("about", 3, _I, _AM + r"(?:at )?(?:about |around |roughly |on )?(?:level )?(?:a1|a2|b1|b2|c1|c2|native|fluent)\b|" + _AM + r"on (?:\w+ )?(?:\d+ ?mg|sertraline|medication|insulin|antidepressants|statins|parental leave|maternity leave|disability|sick leave)"),
    ("projects", 3, _I, _AM + r"(?:about )?\d+\w* (?:words|pages|chapters) into"),
    ("about", 3, _I, _OFTEN + r"(?:sell|bake|breed|grow|inspect|coach|repair|restore|keep bees|give blood|look after|foster|climb|paint|knit|translate|rent|worry about|own|supervise|nurse|farm)\b"),
    ("projects", 2, _I, r"(?:i['’]?ve|i have|i) (?:just |also |now )*(?:started|entered|signed up|enrolled|applied (?:for|to)|registered|joined|begun|opened|passed (?:the|my)|booked)\b"),
    ("dates", 2, _I, r"(?:i['’]?ve|i have) (?:just |also |now |recently )*moved\b"),
    ("about", 2, _I, r"(?:i['’]?ve|i have) never \w+"),
    ("preferences", 2, _I, r"i (?:always|never|usually|mostly|rarely|refuse to|tend to|only ever|try to never) (?!mind|know\b|knew|thought|said)\w+"),
    ("beliefs", 2, _I, r"i won['’]?t (?!be able|know|get|have)\w+"),
    ("preferences", 1, _I, r"i do(?:n['’]?t| not) (?!know|understand|want|need|get\b|see\b|think|mean|remember|have|recall|care)\w+ \w+"),
    ("projects", 2, _I, _AM + r"(?:applying to|opening|moving|game-?mastering|founding|expecting|remodell?ing|growing|rewriting|launching|selling|migrating|hosting|raising|recovering|caring)\b"),
    ("projects", 1, _I, _AM + r"\w+ing (?:an?|my|our)\b"),
    ("projects", 1, _I, r"i (?:want|wanna|hope|would like|am trying|plan)\w* to (?:build|write|run|learn|open|make|move|become|finish|publish|grow)\b|i['’]?(?:m trying|d like) to (?:build|write|run|learn|open|make|move|become|finish|publish|grow)\b"),
    ("about", 1, "my", r"my " + _KIN + r" (?:\w+ )?(?:in|from|with|at|on)\b"),
    ("about", 2, "it's_my it’s_my its_my", r"it['’]?s my (?:hobby|own|side|first|job|birthday|business)\b"),
    ("dates", 3, "exam exam's exam’s race wedding wedding's wedding’s hand-in lease deadline cutover surgery due_date thesis", r"[\w-]+(?: date)?['’]?s?(?: is| are| starts?| ends?| was| on| has)?(?: been)?(?: set| due| planned| pushed| moved)? ?(?:on|in|for|to|is)? (?:the )?" + _DATE),
    ("dates", 3, "we", r"we (?:fly|go|leave|travel|move|marry|land|arrive)\b[^.!?\n]{0,25}? (?:on|from|in|to|between) (?:the )?(?:\d\d?\b|" + _DATE + r")|we(?:['’]re| are) getting (?:married|divorced|an?)"),
    ("about", 2, "we", r"we (?:\w+ )?(?:bought|rent|rented|adopted|built|sold|inherited|run|keep|foster)\b"),
    ("instruction", 3, "in_all", r"in (?:all|each|every) (?:our|my|your|of our|of your|future) \w+"),
    ("instruction", 2, "short_answer answer_first british_spelling american_spelling no_exclamation no_lists no_markdown", r"(?:short )?answers? first|(?:british|american) spelling|no (?:exclamation|lists|markdown)"),
    ("instruction", 2, "i id", r"(?:i want|i['’]?d like|i would like|i need|i expect|i prefer) (?:you|your answers) to (?:always|never|be|cite|answer|call|stop)\b"),
)

GERMAN = (
    ("about", 3, "ich bin", r"(?:ich )?bin (?:\w+ ){0,2}?(?:\d\d\b|seit|von beruf|allergisch|laktose\w*|veganer\w*|vegetarier\w*|verheiratet|geschieden|ledig|schwanger|rentner\w*|student\w*|aufgewachsen|geboren|gelernt\w*|selbst\w*|alleinerziehend\w*|mutter|vater|aus|\w+(?:in|er|eur|ist|ent|wester)\b)"),
    ("about", 3, "ich", r"ich (?:heiße|heisse|wohne|lebe|arbeite|leide|komme aus|spreche|studiere|unterrichte|pflege|stehe|gehe|fahre|verdiene|wiege|kümmere)\b"),
    ("about", 3, "ich wir", r"(?:ich|wir) hab(?:e|en)? (?:auch |nur |noch |einen? |zwei |drei |vier |\d |kleinen? |leider )*(?:kind(?:er)?|sohn|töchter|tochter|hunde?|katzen?|geschwister|diabetes|asthma|adhs|migräne|rheuma|hof|haus|garten|frau|mann)\b"),
    ("about", 1, "ich", r"ich hab(?:e)? (?:einen?|zwei|drei|\d)\b"),
    ("about", 2, "ich", r"ich bin (?:einen?|der|die|\w+)\b"),
    ("preferences", 3, "ich", r"ich (?:mag|liebe|hasse|bevorzuge|esse|trinke|höre|lese|spiele|sammle|kann (?:mit )?\w+ (?:nichts|nicht)|hab\w* (?:nie|immer) gern)\b"),
    ("preferences", 3, "am_liebsten mein meine", r"am liebsten\b.{0,30}?\bich|meine? lieblings\w+|am liebsten \w+ ich"),
    ("about", 3, "mein meine unser unsere", r"(?:meine?|unsere?) (?:name|frau|mann|freund|freundin|partner|partnerin|vater|mutter|eltern|sohn|tochter|kinder|bruder|schwester|oma|opa|hund|katze|muttersprache|familie|beruf|job)\b"),
    ("projects", 3, "ich wir", r"(?:ich|wir) (?:schreibe|baue|lerne|trainiere|plane|entwickle|mache|arbeite|bereite|renoviere|übersetze|organisiere)n? (?:\w+ ){0,2}?(?:gerade|seit|an (?:meine|einem|einer)|für (?:meinen?|den)|meinen?|den|die|das|einen?|selbst)\b|(?:ich|wir) (?:renovieren|bauen)\b"),
    ("dates", 3, "ich wir mein unsere unser", r"ich habe? am .{3,20} geburtstag|mein geburtstag|(?:ich|wir) heiraten?|unsere? (?:sohn|tochter|hochzeit\w*) (?:kam|wurde|ist|war)|(?:ich|wir) (?:bin|sind|habe|haben) .{0,20}?(?:19|20)\d\d\b.{0,40}?(?:gezogen|geheiratet|angefangen|umgezogen|gegründet)"),
    ("beliefs", 2, "ich", r"ich (?:glaube\b|finde,|denke,|vertraue\b|halte nichts)"),
    ("beliefs", 3, "mir familie für_mich", r"mir (?:ist|sind|war) .{3,60}?wichtig|familie (?:geht|ist|steht)|für mich (?:ist|zählt|geht)"),
    ("decisions", 3, "ich wir seit", r"(?:ich|wir) hab(?:e|en)? (?:mich |uns |\w+ )?(?:entschieden|beschlossen|aufgehört|gekündigt|mit dem \w+ aufgehört|aufgegeben)|seit [\w ]{3,20} (?:esse|trinke|rauche|fahre|nutze|arbeite|lebe|mache) ich"),
    ("about", 2, "ich", r"ich (?:nehme|sammle|singe|koche|backe|leite|führe|züchte|vermiete|besitze|hasse|brauche nie|sitze im)\b"),
    ("about", 3, "als", r"als \w+(?: \w+){0,3} (?:habe|bin|muss|arbeite|brauche|kann) ich"),
    ("instruction", 3, "bitte ab in_zukunft künftig antworte antworten schreib benutze sprich duze", r"(?:bitte )?(?:duze|sieze) mich|ab (?:jetzt|sofort|nun)\b|in zukunft\b|künftig\b|(?:antworte|schreib|sprich|benutze|verwende|gib|erkläre)\w*(?: mir)?(?: bitte)? (?:ab jetzt|immer|künftig|nie|stets|in zukunft|keine .{2,20} mehr)\b"),
)

FRENCH = (
    ("about", 3, "je j", r"j['’]habite|je (?:m['’]appelle|vis|viens de|travaille|souffre|parle|me lève|fais du|suis (?:\w+ )?(?:né|née|marié|mariée|divorcé|divorcée|célibataire|allergique|végétarien\w*|vegan|diabétique|originaire|retraité\w*|étudiante?|prof\w*|infirmi\w+|médecin|ingénieur\w*|de\b|enceinte|au chômage))\b"),
    ("about", 2, "je", r"je suis (?:une? |en |prof|\w+(?:eur|euse|ien|ienne|iste|ier|ière)\b)"),
    ("about", 3, "j", r"j['’]ai (?:\d+ ans|(?:deux|trois|quatre|un|une|\d) (?:\w+ )?(?:enfants?|fils|filles?|chiens?|chats?|frères?|sœurs?|hernie \w+)|grandi|de l['’]asthme|une? (?:maladie|hernie|allergie))\b"),
    ("about", 1, "j", r"j['’]ai (?:une?|deux|trois|\d)\b"),
    ("about", 3, "mon ma mes notre", r"(?:mon|ma|mes|notre|nos) (?:mari|femme|copain|copine|compagn\w+|père|mère|parents|fils|fille|enfants|frère|sœur|soeur|chien|chat|famille|langue maternelle|métier|nom|prénom)\b"),
    ("about", 3, "on_habite on_vit on_a nous", r"(?:on|nous) (?:habite|vit|vivons|habitons|a (?:deux|trois|un|une) (?:enfants?|chiens?|chats?|fille|fils))\b"),
    ("about", 3, "en_tant", r"en tant que?(?:['’]| )\w+(?: \w+){0,3},? (?:je|j['’])"),
    ("preferences", 3, "je j mon ma", r"j['’]adore|j['’]ai horreur|je (?:déteste|préfère|n['’]aime pas|ne (?:mange|bois|supporte|fume) (?:pas|plus|jamais)|suis (?:passionné\w*|fan|accro|plutôt))\b|(?:mon|ma) \w+ préférée?"),
    ("preferences", 1, "j", r"j['’]aime\b"),
    ("projects", 3, "je j on_rénove on_prépare on_construit on_retape nous", r"j['’](?:écris|apprends|étudie)|je (?:prépare|construis|rénove|monte|développe|m['’]entraîne|restaure|lance|travaille sur)|(?:on|nous) (?:rénov\w+|constru\w+|prépar\w+|retap\w+)"),
    ("dates", 3, "je mon j nous", r"je me marie|mon anniversaire|j['’]ai (?:déménagé|commencé|obtenu|eu mon) .{0,40}?(?:19|20)\d\d|je suis (?:né|née|arrivé|arrivée) .{0,30}?\d|nous nous sommes mariés"),
    ("about", 2, "je", r"je (?:passe mes|donne des cours|bosse|pars|dirige|gère|élève|loue|chante|joue)\b"),
    ("dates", 2, "les_écrits l'examen l'oral l'épreuve", r"(?:les écrits|l['’](?:examen|oral|épreuve)) (?:c['’]est |est |a lieu |sont )?(?:le|en)"),
    ("beliefs", 2, "je", r"je (?:crois (?:vraiment )?(?:que|en|à)|suis (?:convaincu|persuadé|athée|croyant|musulman|catholique|contre)\w*|ne crois pas)\b"),
    ("beliefs", 3, "pour_moi", r"pour moi,? (?:la|le|l['’]|les) ?\w+ (?:passe|est|compte|passent|vient)\b"),
    ("decisions", 3, "j je depuis nous", r"j['’]ai (?:décidé|arrêté|quitté|choisi|renoncé|démissionné)|depuis .{3,30}? je ne \w+ plus|nous avons décidé|je ne \w+ plus"),
    ("instruction", 3, "à_partir dorénavant désormais réponds ne n tutoie parle", r"à partir de maintenant|dorénavant|désormais|(?:réponds|parle|écris)(?:-moi)? toujours|ne (?:mets|fais|dis|commence|utilise)\w* (?:jamais|plus)|n['’](?:utilise|emploie) (?:jamais|plus)|tutoie[- ]moi"),
)

SPANISH = (
    ("about", 3, "soy", r"soy (?:de |un |una )?(?!el |la |tu )\w+"),
    ("about", 3, "me_llamo vivo vivimos trabajo tengo", r"me llamo|viv(?:o|imos) (?:con|en|sol[oa])|trabajo (?:como|en|de|para|desde)|tengo (?:\d+ años|(?:dos|tres|cuatro|un|una|\d) (?:hij[oa]s?|perr[oa]s?|gat[oa]s?|herman[oa]s?)|diabetes|asma|hipo\w+|migrañas?|alergia|ansiedad)"),
    ("about", 1, "tengo", r"tengo (?:un|una|dos|tres|\d)\b"),
    ("about", 3, "mi mis", r"mis? (?:esposa|esposo|marido|mujer|novi[oa]|pareja|padre|madre|padres|hij[oa]s?|herman[oa]s?|perr[oa]|gat[oa]|familia|nombre|abuel[oa]|jefe|suegros)\b(?: y yo)? "),
    ("about", 3, "todos", r"todos los (?:días|\w+) (?:me |salgo|voy|corro)\w*"),
    ("about", 3, "como", r"como \w+(?: \w+){0,3},? (?:tengo|trabajo|vivo|no puedo)"),
    ("preferences", 3, "no_me no_bebo no_como no_fumo no_tomo me_encanta me_encantan me_apasiona me_apasionan me_fascina me_fascinan me_molesta me_molestan odio prefiero adoro mi", r"no me gustan?|me (?:encantan?|apasionan?|fascinan?|molestan?)|odio|prefiero|adoro|mi \w+ favorit[oa]|no (?:bebo|como|fumo|tomo)\b"),
    ("preferences", 1, "me_gusta me_gustan", r"me gustan?\b"),
    ("projects", 2, "quiero", r"quiero (?:aprender|montar|abrir|correr|escribir|mudarme|dejar)"),
    ("about", 2, "ya llevo", r"ya no (?:trabajo|vivo|como|bebo|fumo)|llevo \w+ (?:años|meses)|llevo (?:una?|el|la) \w+"),
    ("about", 2, "me_separé me_operaron me_diagnosticaron", r"me (?:separé|operaron|diagnosticaron)"),
    ("about", 2, "aquí_en", r"aquí en \w+"),
    ("projects", 3, "estoy estamos", r"est(?:oy|amos) (?:escribiendo|aprendiendo|construyendo|estudiando|preparando|reformando|desarrollando|entrenando|restaurando|montando|ahorrando)"),
    ("dates", 3, "mi me_casé me_mudé me_gradué me_jubilé me_divorcié nos nací", r"mi cumpleaños|me (?:casé|mudé|gradué|jubilé|divorcié)|nos (?:mudamos|casamos)|nací (?:en|el)"),
    ("beliefs", 2, "creo soy", r"creo (?:en|que)|no creo en"),
    ("beliefs", 3, "para_mí", r"para mí,? (?:la|el|lo|los|las) \w+(?: \w+)? (?:es|vale|son|está)"),
    ("decisions", 3, "dejé decidí he hemos", r"dejé (?:de|el|mi)|decidí|(?:he|hemos) (?:decidido|dejado)|decidimos"),
    ("instruction", 3, "a_partir de_ahora siempre no_uses no_pongas respóndeme nunca usa háblame trátame tutéame", r"h[aá]blame siempre|tr[aá]tame|tut[eé]ame|a partir de ahora|de ahora en adelante|siempre (?:dame|respond\w+|usa|contesta|escribe)|(?:respóndeme|háblame|usa|contesta) siempre|nunca (?:uses|empieces|me)|no (?:uses|pongas) .{3,40}?(?:nunca|más)"),
)

PORTUGUESE = (
    ("about", 3, "sou eu", r"(?:eu )?sou (?:de |um |uma )?\w+"),
    ("about", 3, "meu moro moramos trabalho tenho", r"meu nome|mor(?:o|amos) (?:em|no|na|com|sozinh\w)|trabalho (?:como|em|no|na|para|com|das|de|à)|tenho (?:\d+ anos|(?:dois|duas|três|um|uma|\d) (?:filh[oa]s?|cachorros?|gat[oa]s?|irmã[os]*)|diabetes|asma|pressão|ansiedade)"),
    ("about", 1, "tenho", r"tenho (?:um|uma|dois|duas|três|\d)\b"),
    ("about", 3, "meu minha meus", r"(?:meus?|minhas?) (?:esposa|esposo|marido|mulher|namorad[oa]|pai|mãe|pais|filh[oa]s?|irmão|irmã|cachorro|gato|família|chefe|avó|avô)\b "),
    ("about", 3, "acordo todos", r"acordo todos|todos os dias (?:eu )?\w+o\b"),
    ("preferences", 3, "não adoro odeio detesto prefiro meu minha amo", r"não (?:gosto|bebo|como|fumo)|adoro|odeio|detesto|prefiro|(?:meu|minha) \w+ (?:favorit[oa]|preferid[oa])|amo\b"),
    ("preferences", 1, "gosto", r"gosto d"),
    ("projects", 2, "quero", r"(?:quero) (?:passar|aprender|abrir|correr|escrever|montar|mudar|parar)"),
    ("dates", 3, "a_prova o_exame o_casamento", r"(?:a|o) \w+ (?:é|será|começa) (?:em|no dia|dia) \d"),
    ("about", 2, "agora", r"agora (?:eu )?(?:moro|trabalho|vivo|estudo|sou)"),
    ("projects", 3, "estou estamos", r"est(?:ou|amos) (?:escrevendo|aprendendo|construindo|estudando|preparando|reformando|desenvolvendo|treinando|montando|restaurando|a (?:escrever|aprender|construir|estudar))"),
    ("dates", 3, "meu me_mudei me_casei me_formei me_aposentei casei nasci nos", r"meu aniversário|me (?:mudei|casei|formei|aposentei)|casei|nasci (?:em|no)|nos mudamos"),
    ("beliefs", 2, "acredito acho", r"acredito|não acredito"),
    ("beliefs", 3, "para_mim", r"para mim,? (?:a|o) \w+ (?:é|vale|vem)"),
    ("decisions", 3, "parei decidi larguei", r"parei de|decidi\b|larguei|decidimos"),
    ("instruction", 3, "a_partir de_agora não sempre responda nunca", r"sempre que eu|a partir de agora|de agora em diante|sempre (?:responda|use|escreva)|responda sempre|nunca (?:use|comece)|não use .{3,40}?(?:nunca|mais)"),
)

ITALIAN = (
    ("about", 3, "sono", r"sono (?:di |un |una |un['’])?(?!stanc|qui|pronto|sicur|solo|io|gli|le |i )\w+"),
    ("about", 3, "mi vivo viviamo abito lavoro ho soffro", r"mi chiamo|viv(?:o|iamo) (?:a|in|con|da)|abito (?:a|in|al)|lavoro (?:come|in|per|da)|soffro di|ho (?:\d+ anni|(?:due|tre|un|una|\d) (?:figli[oa]?|can[ei]|gatt[oi]|fratell[oi]|sorell[ae])|il diabete|l['’]asma)"),
    ("about", 1, "ho", r"ho (?:una?|un['’]|due|tre|\d)\b"),
    ("about", 3, "mia mio miei i_miei", r"(?:i )?mi(?:a|o|ei) (?:moglie|marito|fidanzat[oa]|compagn[oa]|padre|madre|genitori|figli[oa]?|fratello|sorella|cane|gatto|famiglia|nonn[oa]|suoceri|capo|nome)\b "),
    ("about", 2, "faccio", r"faccio (?:il|la|l['’]|i|lo) ?\w+"),
    ("decisions", 2, "mi_metto", r"mi metto in proprio"),
    ("about", 2, "ogni", r"ogni (?:mattina|giorno|sera) (?:mi |vado|faccio)\w*"),
    ("preferences", 3, "non mi adoro odio preferisco il_mio la_mia", r"non mi piac\w+|mi appassiona|adoro|odio|preferisco|(?:il|la) mi[oa] \w+ preferit[oa]|non (?:bevo|mangio|fumo)"),
    ("preferences", 1, "mi", r"mi piac(?:e|iono)"),
    ("projects", 3, "sto stiamo", r"st(?:o|iamo) (?:scrivendo|imparando|costruendo|studiando|preparando|ristrutturando|sviluppando|restaurando|allenando)"),
    ("dates", 3, "il_mio mi ci_siamo sono", r"il mio compleanno|mi sono (?:trasferit|sposat|laureat)[oa]|ci siamo (?:sposati|trasferiti)|sono nat[oa]"),
    ("beliefs", 2, "credo", r"credo (?:che|in|nell)|non credo (?:in|nell)"),
    ("beliefs", 3, "per_me", r"per me,? (?:la|il|l['’]) ?\w+ (?:è|viene|conta)"),
    ("decisions", 3, "ho abbiamo", r"(?:ho|abbiamo) (?:smesso|deciso|lasciato|scelto di)"),
    ("instruction", 3, "d da_ora non rispondimi usa sempre", r"d['’]ora in (?:poi|avanti)|non usare mai|rispondimi sempre|da ora in poi|usa sempre|non .{3,30} mai (?:con me|più)"),
)

DUTCH = (
    ("dates", 2, "in_januari in_februari in_maart in_april in_mei in_juni in_juli in_augustus in_september in_oktober in_november in_december", r"in (?:januari|februari|maart|april|mei|juni|juli|augustus|september|oktober|november|december) (?:wil|ga|gaan|willen|begin|trouw\w*) (?:ik|we|wij)"),
    ("about", 3, "ik wij we", r"ik (?:heet|woon|werk|kom uit|fiets|spreek|studeer|leef)\b|(?:wij|we) (?:wonen|hebben (?:een|twee|drie) (?:kinderen|hond|kat|zoon|dochter|boerderij))\b"),
    ("about", 3, "ik", r"ik heb (?:een |twee |drie |vier |\d )?(?:kinderen|kind|zoon|zonen|dochters?|hond(?:en)?|kat(?:ten)?|reuma|diabetes|astma|adhd|migraine|autisme)\b|ik ben (?:\d+|allergisch|getrouwd|gescheiden|vegetari\w+|zwanger|gepensioneerd\w*|geboren|opgegroeid)\b"),
    ("about", 2, "ik", r"ik ben (?:een |\w+(?:er|kundige|arts|ist|ent|eur|ares)\b)"),
    ("about", 1, "ik", r"ik heb (?:een|twee|drie|\d)\b"),
    ("about", 3, "mijn onze", r"(?:mijn|onze) (?:man|vrouw|vriend|vriendin|partner|vader|moeder|ouders|zoon|dochter|kinderen|broer|zus|hond|kat|familie|naam|baas|moedertaal)\b"),
    ("preferences", 3, "ik mijn", r"ik (?:hou (?:niet |erg |enorm )?van|haat|lees (?:het )?liefst|drink|eet|heb een hekel|luister|speel)\b|mijn (?:favoriete|lievelings)"),
    ("projects", 3, "ik we wij", r"ik (?:schrijf|leer|bouw|train|verbouw|ontwikkel|restaureer)\b|(?:we|wij) (?:bouwen|verbouwen)"),
    ("dates", 3, "ik wij we mijn", r"ik ben jarig|mijn verjaardag|(?:wij|we) zijn .{2,30} getrouwd|ik ben in (?:19|20)\d\d"),
    ("beliefs", 2, "ik", r"ik (?:geloof|vind \w+ belangrijk\w*)"),
    ("decisions", 3, "ik", r"ik (?:heb|ben) .{0,30}?(?:besloten|gestopt|opgezegd|gekozen)"),
    ("instruction", 3, "antwoord vanaf gebruik voortaan", r"vanaf nu|voortaan|antwoord (?:vanaf nu|altijd|voortaan)|gebruik (?:nooit|altijd)"),
)

OTHERS = (
    ("ru", "about", 3, "меня я мне", r"меня зовут|мне \d+ (?:лет|год)|я (?:живу|работаю|родил\w+|учусь|врач|учитель\w*|студент\w*|программист\w*|преподаю|замужем|женат)"),
    ("ru", "about", 3, "у мой моя мои", r"у меня (?:\w+ )?(?:дет|сын|доч|жена|муж|собак|кот|кошк|диабет|аллерги)\w*|(?:мой|моя|мои) (?:жена|муж|сын|дочь|мама|папа|отец|мать|родители|брат|сестра|дети)"),
    ("ru", "about", 1, "у", r"у меня"),
    ("ru", "preferences", 3, "я мне", r"я (?:не )?(?:люблю|обожаю|ненавижу|предпочитаю|ем|пью)|мне (?:не )?нравится"),
    ("ru", "projects", 3, "я", r"я (?:учу|пишу (?:книгу|диссертацию)|строю|изучаю|готовлюсь)"),
    ("ru", "decisions", 3, "я", r"я (?:бросил\w*|решил\w*|переехал\w*|перестал\w*)"),
    ("ru", "instruction", 3, "всегда никогда отныне впредь", r"всегда (?:отвечай|пиши|используй)|никогда не|отныне|впредь"),
    ("pl", "about", 3, "jestem mieszkam mam pracuję", r"jestem (?:z |na )?(?!pewn|tutaj|zmęcz|gotow)\w+|mieszkam|mam na imię|mam (?:\d+ lat|(?:dwoje|dwójkę|dwóch|dwie|troje|jedno|syna|córkę|żonę|męża|psa|kota)\b)|pracuję (?:jako|w)"),
    ("pl", "about", 1, "mam", r"mam "),
    ("pl", "about", 3, "mój moja moi", r"m(?:ój|oja|oi) (?:żona|mąż|syn|córka|mama|tata|ojciec|matka|brat|siostra|rodzice)"),
    ("pl", "preferences", 3, "nie lubię kocham wolę uwielbiam", r"nie (?:lubię|piję|jem)|lubię|kocham|wolę|uwielbiam"),
    ("pl", "projects", 3, "uczę piszę", r"uczę się|piszę (?:książkę|pracę)"),
    ("pl", "decisions", 3, "rzuciłem rzuciłam postanowiłem postanowiłam zdecydowałem", r"\w+"),
    ("sv", "about", 2, "jag jeg", r"(?:jag|jeg) (?:är|er|bor|jobbar|jobber|arbejder|arbetar|heter|hedder|studerar|har (?:två|to|tre|en|ett|et) (?:barn|hund|katt|kat|søn|son|datter|dotter))\b"),
    ("sv", "about", 3, "min mina mine", r"m(?:in|ina|ine) (?:fru|man|kone|mand|son|dotter|søn|datter|mamma|pappa|mor|far|barn|børn|hund|katt|kat)\b"),
    ("sv", "preferences", 2, "jag jeg", r"(?:jag|jeg) (?:älskar|elsker|hatar|hader|gillar|äter|spiser)\b"),
    ("sv", "instruction", 3, "svar svara fra_nu från_nu", r"svara? (?:alltid|altid|aldrig)|fr(?:a|ån) nu"),
    ("tr", "about", 3, "ben adım benim emekli iki", r"ben (?:\w+ ){0,3}?\w*(?:yim|yım|yum|im|ım|um|iyorum|ıyorum|uyorum)\b|adım \w+|benim (?:\w+ ){1,3}?var|emekli \w+|\w+ (?:çocuğum|kedim|köpeğim|kardeşim) var"),
    ("tr", "about", 2, "bir istanbul'da ankara'da", r"bir \w+ (?:\w+ )?olarak çalışıyorum|\w+['’]da yaşıyorum"),
    ("tr", "preferences", 2, "kahve çay en ben", r"\w+ (?:\w+ )?(?:sevmiyorum|severim|seviyorum|içerim)"),
    ("ja", "about", 3, "私 僕 俺", r"(?:私|僕|俺)は?.{0,20}?(?:住んで|です|働いて|生まれ|といいます|と申します)"),
    ("ja", "about", 3, "私 僕 俺", r"(?:私|僕|俺)は?.{0,25}?(?:やって|経営|勤め|通って|育て)"),
    ("ja", "preferences", 3, "私 僕 俺", r"(?:私|僕|俺)は?.{0,20}?(?:好き|苦手|嫌い)"),
    ("ja", "about", 2, "子供 夫 妻 息子 娘 犬 猫 会社 で働", r"(?:子供|夫|妻|息子|娘|犬|猫)(?:が|は).{0,20}?(?:います|です)|で働いて"),
    ("ja", "instruction", 3, "これからは 今後 いつも", r"(?:これからは|今後|いつも).{0,30}?(?:ください|して)"),
    ("zh", "about", 3, "我", r"我(?:叫|住在?|是(?:一名|一个|一位|退休|学生)?|今年\d+|有(?:一个|两个|三个|一只)?(?:孩子|儿子|女儿|老婆|丈夫|猫|狗|妻子)|在.{1,12}?(?:工作|上班|做|读|住)|来自|出生)"),
    ("zh", "preferences", 3, "我", r"我(?:不|最|很|特别)?(?:喜欢|讨厌|爱|爱吃|偏好)"),
    ("zh", "projects", 2, "我", r"我正在(?:学|写|准备|做)"),
    ("zh", "decisions", 3, "我", r"我(?:决定|戒|辞)"),
    ("zh", "instruction", 3, "以后 从现在 今后", r"(?:以后|今后|从现在(?:开始|起)).{0,20}"),
)
# fmt: on


def _all_rules() -> list[Rule]:
    tables = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH, "pt": PORTUGUESE, "it": ITALIAN, "nl": DUTCH}
    rules = [Rule(language, *row) for language, table in tables.items() for row in table]
    return rules + [Rule(*row) for row in OTHERS]


RULES = _all_rules()
LANGUAGES = tuple(dict.fromkeys(rule.language for rule in RULES))
_UNSPACED = re.compile("[぀-ヿ一-鿿]")


def _by_opener(rules: list[Rule]) -> dict[str, re.Pattern[str]]:
    """For each opening word one pattern of all its rules, the strongest first; the group's name tells the rule."""
    found: dict[str, list[int]] = defaultdict(list)
    for number, rule in enumerate(rules):
        for word in rule.openers.split():
            found[word.replace("_", " ")].append(number)
    patterns = {}
    for word, numbers in found.items():
        numbers.sort(key=lambda number: -rules[number].strength)
        patterns[word] = re.compile(_joined({number: rules[number].pattern for number in numbers}))
    return patterns


def _joined(rules: dict[int, str]) -> str:
    """The patterns as alternatives; what begins with the same prefix is put together, so that it is matched once."""
    parts = []
    for prefix in (_AM, _OFTEN, _IVE, ""):
        rest = {number: p.removeprefix(prefix) for number, p in rules.items() if p.startswith(prefix)}
        rules = {number: p for number, p in rules.items() if number not in rest}
        if rest:
            parts.append(f"{prefix}(?:{'|'.join(f'(?P<r{number}>{p})' for number, p in rest.items())})")
    return "|".join(parts)


_PATTERNS = _by_opener(RULES)


def _openers(words: list[str]) -> str:
    """The words as a pattern, grouped by first letter, so that most positions fail at one comparison."""
    by_letter: dict[str, list[str]] = defaultdict(list)
    for word in sorted(words, key=len, reverse=True):
        by_letter[word[0]].append(re.escape(word[1:]))
    return "|".join(f"{letter}(?:{'|'.join(rests)})" for letter, rests in sorted(by_letter.items()))


_SPACED = re.compile(rf"[\s(,;:.!?—–-]({_openers([w for w in _PATTERNS if not _UNSPACED.match(w)])})(?=[\s'’,-])")
_UNSPACED_OPENER = re.compile(f"({'|'.join(w for w in _PATTERNS if _UNSPACED.match(w))})")

_ASKED = frozenset(
    re.findall(
        r"\w+",
        "if do does did should shall can could am was would may might must how why when whether where what that who which "
        "since as wenn ob falls dass si que se als cuando quando quand",
    )
)
"""After such a word the sentence asks or supposes: "if I live in Ohio", "the town where I live"."""


def lowered(text: str) -> str:
    """The text in lower case, of the same length. All rules are in lower case, as ignoring case costs threefold."""
    return text.replace("İ", "i").lower()


def find(text: str) -> Iterator[Hit]:
    """Every place of a lowered text where a rule matches, in order. Linear in the text's length."""
    # The line break before the text lets the pattern begin with one character class, which the engine scans fast.
    padded = "\n" + text
    yield from _hits(_SPACED.finditer(padded), padded)
    if not text.isascii() and _UNSPACED.search(text):
        yield from _hits(_UNSPACED_OPENER.finditer(padded), padded)


_IDLE = re.compile(
    r"i (?:can|could|should|need|get(?! up)|see|mean|know|guess|say|said|saw|tried|try|told|asked|understand|wonder|"
    r"wondered|put|called|click|add|added|went|thought|looked|may|might|must|wrote|just want|only want|had to)\b(?!['’])"
)
"""What no rule begins with; looked for first, as it follows every third "I"."""


def _hits(openers: Iterator[re.Match[str]], padded: str) -> Iterator[Hit]:
    for opener in openers:
        start = opener.start(1)
        if _IDLE.match(padded, start):
            continue
        match = _PATTERNS[opener[1]].match(padded, start, start + REACH)
        if match is None or match.lastgroup is None or _previous_word(padded, start) in _ASKED:
            continue
        yield Hit(start - 1, match.end() - 1, RULES[int(match.lastgroup[1:])])


def _previous_word(text: str, position: int) -> str:
    """The word right before, if only a space lies between."""
    if text[position - 1] != " ":
        return ""
    before = text[max(0, position - 12) : position - 1]
    return re.split(r"\W", before)[-1]
