"""Text that speaks to the machine that reads it: orders about memory, profile, instructions, tools and output.

What a person plainly wishes of an assistant ("remember that I'm vegan", "no emojis, please") is none.
"""

# ruff: noqa: E501, SIM905 - lists of words read best as words

from __future__ import annotations

import re
import unicodedata
from functools import cached_property

from soulprint.facts.proving import voice
from soulprint.measuring import signals

Span = tuple[int, int]

NEAR = 40
"""Code points between a verb and its object in such an order."""


def is_order(span: Span, text: str) -> bool:
    """Whether `span` of `text` is, or belongs to, an order to a model, or is hidden or encoded. Linear in the text."""
    return Message(text).is_order(span)


def is_bent(statement: str) -> bool:
    """Whether a statement carries markup or an order, which no statement about a person needs."""
    return _takes_over(statement) or bool(_MARKUP.search(statement)) or _is_hidden(statement)


class Message:
    """One message, looked through once for all the stretches of it that are asked about."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._recording: dict[Span, bool] = {}

    def is_order(self, span: Span) -> bool:
        """Whether `span` is, or belongs to, an order to a model, or is hidden or encoded."""
        if _is_hidden(self.text[span[0] : span[1]]) or _is_third_person(span, self.text):
            return True
        around = _around(span, self.text)
        return self._is_tagged(around[1]) or self._takes_over(around[1]) or self._records(around)

    def _is_tagged(self, end: int) -> bool:
        return self._has_tags and _TAGS.search(self.text[:end]) is not None

    def _takes_over(self, end: int) -> bool:
        return self._has_takeover and _takes_over(self.text[:end])

    def _records(self, around: Span) -> bool:
        if around not in self._recording:
            self._recording[around] = _records(self.text[slice(*around)])
        return self._recording[around]

    @cached_property
    def _has_tags(self) -> bool:
        return _TAGS.search(self.text) is not None

    @cached_property
    def _has_takeover(self) -> bool:
        return _takes_over(self.text)


def _takes_over(text: str) -> bool:
    plain = _plain(text)
    return any(stem in plain for stem in _TAKEOVER_STEMS) and _TAKEOVER.search(plain) is not None


def _records(text: str) -> bool:
    plain = _plain(text)
    return any(stem in plain for stem in _RECORDING_STEMS) and _RECORDING.search(plain) is not None


def _around(span: Span, text: str) -> Span:
    """The sentence of the span and the ones before and after it."""
    start, end = voice.sentence(span, text)
    before = voice.sentence((max(start - 2, 0), max(start - 1, 0)), text)[0] if start > 1 else 0
    after = voice.sentence((end, min(end + 2, len(text))), text)[1] if end < len(text) else end
    return before, after


def _is_third_person(span: Span, text: str) -> bool:
    """Whether the person is spoken of as a user is, which nobody does of themself."""
    said = _plain(text[span[0] : span[1]])
    lead = _plain(text[max(0, span[0] - NEAR) : span[0]])
    if not any(stem in lead + said for stem in _USER_STEMS):
        return False
    if _USER.match(said):
        return True
    return bool(_USER.search(lead + said) and not signals.SELF.search(said)) or bool(_USER_LEADS.search(lead))


def _is_hidden(said: str) -> bool:
    """Whether it holds invisible, spelled-out or encoded text, or letters of two scripts in one word."""
    return bool(_INVISIBLE.search(said) or _SPELLED.search(said) or _ENCODED.search(said) or _MIXED.search(said))


def _plain(text: str) -> str:
    """Lower case, compatibility forms as plain letters, invisible signs gone, white space as single spaces but for
    line breaks."""
    plain = _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).lower().replace("’", "'")
    return _BLANKS.sub(" ", plain)


_TAKEOVER_STEMS = tuple(
    """
    instru istruz anweis consigne règle regle regel regla regra regole rule prompt guid direct direkt diret system constrain polic
    everything above before told said asked want now developer jailb anything admin root sudo override note attention
    llm model assistant extractor summar reader bot machine memory proof evidence quote verif citation treat vorgabe befehl
    du tu vous ordre ordin orden órden indica norma eres sei agora aanwijz opdracht bent anvisning polec zasad
    инстр правил указан команд директ теперь talimat pokyn οδηγίες order task goal objective programming training begin end
    start command demand instruk 指 规 規 提示 说明 你现在 あなた ルール プロンプト 命令 지시 명령 규칙 지침 تعليمات الأوامر القواعد
    הוראות निर्देश
    """.split()
)
"""Without one of these in it no text is searched for a takeover: looking for plain strings is many times faster."""

_RECORDING_STEMS = tuple(
    """
    known remembered described listed recorded treated shown memor mémo memór profil perfil fact fakt feit faktum fatt fato hecho fait databa datenb baz баз bas banco knowledge soul
    persona long-term record dossier must should shall needs ought has mark flag tag label treat regard count accept classif
    confidence following json exact statement finding quote category entry schema string { tool function plugin api tool_ _
    bio extract you ai llm model assist system bot state claim assert report conclude log register store save persist
    include put insert write add verif confirm established proven undisputed certified do without set assign output answer
    reply response result summary notes order command instruct instead doit debe deve dokument profilo gedächtnis speicher vermerk
    protokoll bestätigt wahr tatsache erinner ki modell comme avérée utilisat como come geheugen bevestigd minne zapis pamię
    priority precedence lists shows describes names presents portrays overwrite replace correct erase delete put stay goes belong remain land
    запис запиш сохран памят профил факт hafıza belle kaydet ungeprüft = 记 保存 档 资料 資 标记 記 メモリ プロフィール プロファイル データ 検証
    기억 메모리 프로필 데이터 احفظ سجل أضف 存 添 写 加入 数据 內 内
    """.split()
)

_BLANKS = re.compile(r"[^\S\n]+")
_UNSEEN = re.compile("[\u00ad\u200b-\u200f\u2060-\u2064\u202a-\u202e\u2066-\u2069\ufeff\ufe00-\ufe0f]")
_INVISIBLE = re.compile(
    "(?<=[A-Za-zÀ-ɏЀ-ӿ ])[\u200b-\u200d\u2060-\u2064\ufeff]+(?=[A-Za-zÀ-ɏЀ-ӿ ])|[\u202a\u202b\u202d\u202e\u2066-\u2068]|(?<!\U0001f3f4)(?<![\U000e0020-\U000e007f])[\U000e0001-\U000e007f]"
)
_SPELLED = re.compile(r"(?<!\S)(?:[^\W\d_][ .\-_]){6,}[^\W\d_](?!\w)")
_ENCODED = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?=[A-Za-z0-9+/_-]{0,200}[A-Z])(?=[A-Za-z0-9+/_-]{0,200}[a-z])(?=[A-Za-z0-9+/_-]{0,200}\d)[A-Za-z0-9+/_-]{24,}|(?<!\w)[0-9a-fA-F]{32,}(?!\w)|(?:%[0-9a-fA-F]{2}){4}|(?:&#x?[0-9a-fA-F]{2,6};){3}|(?:\\[ux][0-9a-fA-F]{2,4}){3}|(?:\b[01]{8}\b ?){3}|(?:\b[0-9a-fA-F]{2}\b ){6}"
)
_MIXED = re.compile(r"[A-Za-z][Ѐ-ӿ]|[Ѐ-ӿ][A-Za-z]|[A-Za-z][Ͱ-Ͼ](?=[A-Za-z])")
_MARKUP = re.compile(r"</?[a-zA-Z!][^>]{0,200}>|```|\[/?INST|\{\{|<\||\]\(|[\x00-\x08\x0b-\x1f]")

_TAGS = re.compile(
    r"\[/?INST\]|<</?SYS>>|<\|[^|>\n]{1,40}\|>|<!--|-->|</?\s*(?:messages?|system|user|assistant|human|conversations?|turns?|data|instructions?|facts?|memor(?:y|ies)|context|prompt|documents?|transcripts?|input|untrusted|chat|history|profile|tool\w*|function\w*|invoke|parameter|admin|developer|override)\b[^>\n]{0,100}>"
    r"|\[\s*(?:system|assistant|developer|admin|hidden|note to)\b[^\]\n]{0,60}\]|^#{1,6} ?(?:instructions?|system|response|assistant|prompt)\b|={3,} ?(?:end|begin|system)|-{3,} ?(?:end|begin) (?:of )?(?:the )?(?:system|prompt|user|data|conversation|instructions?|input|messages?|transcript)"
    r"|^\s*[\[(*\"'{]*(?:system|assistant|developer|admin|ai|model)(?: (?:message|prompt|note|override|update))?[\])*\"'}]*\s*:|[.!?;]\s+(?:SYSTEM|System|ASSISTANT|ADMIN|DEVELOPER)(?: \w+)?:|\[//\]: #",
    re.IGNORECASE | re.MULTILINE,
)
"""Marks that end the data and begin something else, as the formats of prompts and pages have them."""

_TAKEOVER = re.compile(
    r"\b(?:"
    rf"(?:ignore|disregard|forget|override|overrule|bypass|discard|skip|drop|do not follow|don't follow|stop following)\b.{{0,{NEAR}}}\b(?:instructions?|rules?|prompts?|guidelines?|directions|directives|system message|constraints|policy|policies|everything (?:above|before|you were told)|all (?:of the )?above|what (?:you were|(?:the |your )?\w+ (?:told|said|asked|wants?)))\b"
    rf"|(?:pay no attention to|set aside|put aside|leave aside|throw out|cancel|reset)\b.{{0,{NEAR}}}\b(?:instructions?|rules?|prompts?|guidelines?|guidance|orders|constraints)\b|(?:your|all|any|the) (?:earlier|previous|prior|former|original|initial) (?:guidance|instructions?|rules?|orders|prompts?|programming|training)\b|(?:begin|end|start)(?:ning)? (?:of )?(?:\w+ )?(?:privileged|trusted|secure|system|admin|internal|hidden) (?:context|block|section|data|text|message|input|prompt)\b|(?:your|the) (?:administrator|operator|creator|developer|owner|maker)s?,? (?:i |we )?(?:orders?|commands?|instructs?|requires?|demands?)\b"
    r"|(?:neue|weitere|geheime) (?:system)?(?:anweisung|instruktion|vorgabe)\b|nouvelles? (?:consigne|instruction|directive)s?\b|nuevas? (?:instrucci[óo]n|orden|directiva)(?:es)?\b|nuov[ae] (?:istruzion|direttiv)[ei]\b|novas? (?:instru[çc]|diretri)\w+|nieuwe (?:instructie|opdracht)\b|ny instruktion\b|now[ae] (?:instrukcja|polecenie)\b|новая (?:инструкция|команда|директива)\b|yeni talimat\b"
    r"|you(?: are|'re) now\b|developer mode\b|jailbr\w+|do anything now\b|new (?:system )?(?:instructions?|directives?|orders?|rules?|task)\b(?: for (?:the|you)\b[^:\n]{0,40})?\s?(?::|-|–|—|for (?:the|you)\b)"
    r"|(?:your|the|this) (?:new |real |true |only |updated )(?:system )?(?:prompt|instructions?|orders?|directives?|task|goal|objective)\b|(?:needs?|requires?|without) (?:no |any )?(?:quote|proof|evidence|verification|citation)\b|treat me as (?:an? )?(?:admin\w*|developer|root|owner|superuser|system)\b|(?:system|admin|root|sudo) (?:override|command|instruction|directive|notice)\b|(?:reveal|print|repeat|show|replace|update|change|rewrite|override) (?:your|the) (?:system )?(?:prompt|instructions)\b"
    r"|notes? to (?:the |any |all |whatever )?(?:ai|a\.i\.|assistants?|models?|llms?|language models?|systems?|extractors?|summari[sz]ers?|readers?|bots?|chatbots?|machines?|memory)\b|(?:attention|dear|hey|hello),? (?:ai|assistant|model|llm|language model|extractor|summari[sz]er)\b"
    rf"|(?:ignorier\w*|vergiss|vergesst|missachte\w*|überschreib\w*|umgeh\w*)\b.{{0,{NEAR}}}\b(?:anweisung\w*|regeln|vorgaben|befehle?|instruktion\w*|prompts?)\b|du bist (?:jetzt|nun|ab jetzt)\b"
    rf"|(?:ignor\w*|oubli\w*|néglig\w*|contourn\w*)\b.{{0,{NEAR}}}\b(?:instructions?|consignes?|règles?|directives?|ordres?)\b|tu es (?:maintenant|désormais)\b|vous êtes (?:maintenant|désormais)\b"
    rf"|(?:ignor\w*|olvid\w*|omit\w*|desobede\w*)\b.{{0,{NEAR}}}\b(?:instruccion\w*|reglas?|órdenes|ordenes|indicaciones|directrices|normas)\b|ahora eres\b"
    rf"|(?:ignor\w*|dimentica\w*|trascura\w*)\b.{{0,{NEAR}}}\b(?:istruzion\w*|regole|ordini|indicazioni|direttive)\b|(?:ora|adesso) sei\b"
    rf"|(?:ignor\w*|esque[çc]\w*|desconsider\w*)\b.{{0,{NEAR}}}\b(?:instru[çc]\w*|regras|ordens|diretrizes)\b|agora você é\b"
    rf"|(?:negeer\w*|vergeet|omzeil\w*)\b.{{0,{NEAR}}}\b(?:instructies?|regels|aanwijzingen|opdrachten)\b|je bent nu\b|(?:ignorera|glöm|bortse från|ignorer|glem)\b.{{0,{NEAR}}}\b(?:instruktion\w*|instruks\w*|regler\w*|anvisningar\w*)\b"
    rf"|(?:zignoruj|ignoruj|zapomnij)\b.{{0,{NEAR}}}\b(?:instrukcj\w*|polece\w*|zasad\w*)\b|(?:игнорируй\w*|забудь\w*|проигнорируй\w*)\b.{{0,{NEAR}}}\b(?:инструкци\w*|правил\w*|указани\w*|команд\w*)\b|теперь ты\b"
    rf"|(?:yok say|görmezden gel|unut|dikkate alma)\b.{{0,{NEAR}}}\btalimat\w*|talimat\w*.{{0,{NEAR}}}\b(?:yok say|görmezden gel|unut|dikkate alma)\w*|(?:ignor\w*|zapome\w*)\b.{{0,{NEAR}}}\b(?:pokyn\w*|instrukc\w*)\b|(?:αγνόησε|ξέχασε)\b.{{0,{NEAR}}}οδηγίες"
    r")"
    r"|新(?:的)?(?:系统)?(?:指令|指示)|新しい(?:指示|命令)|새(?:로운)? (?:지시|명령|지침)|تعليمات جديدة"
    r"|(?:忽略|无视|無視|忘记|忘掉|不要理会|不理).{0,20}(?:指令|指示|规则|規則|提示|说明)|你现在是|(?:指示|命令|ルール|プロンプト).{0,12}(?:無視|忘れ)|あなたは今から|(?:지시|명령|규칙|지침).{0,12}(?:무시|잊)|(?:تجاهل|انس).{0,30}(?:تعليمات|التعليمات|الأوامر|القواعد)|(?:התעלם|שכח).{0,30}(?:הוראות|ההוראות)|(?:निर्देश).{0,30}(?:अनदेखा|नज़रअंदाज|भूल)",
)
"""What is to make a model leave its task: whatever follows serves that."""

_STORE = r"(?:add|save|store|record|write|put|insert|append|log|commit|update|set|register|include|file|persist|inject|upsert|enter|amend|modify|edit|keep)"
_MEMORY = r"(?:memor(?:y|ies)|(?<!linkedin )(?<!dating )(?<!github )(?<!tinder )(?<!twitter )(?<!instagram )profile|facts?\b(?! (?:sheet|check))|database|knowledge base|soul ?print|persona|long-term|user record|dossier|the record)"
_RECORDING = re.compile(
    r"\b(?:"
    rf"(?:my|the|your|user|this) (?:user )?(?:profile|memory|memories|record|soul ?print|facts) (?:must|should|shall|has to|needs to|ought to|will) \w+"
    r"|(?:mark|flag|tag|label|treat|regard|count|accept|classify)\b.{0,40}\b(?:as|with) (?:a |an )?(?:verified|true|truth|confirmed|facts?|certain|trusted|proven|authoritative|important|permanent|pinned|explicit|high|priority)\b|confidence (?:score |level |of |is |= ?|: ?)*(?:1\b|1\.0|0?\.9|100|high|max\w*)|as (?:an? )?(?:established |verified |hard |proven )?fact\b(?! of)"
    r"|(?:respond|reply|answer|output|return|print|emit|say|write|produce|generate|reproduce|repeat)\s(?:only |just |back |exactly |verbatim )*(?:with )?(?:only |exactly |just )?(?:the |this |these |that |a |an )?(?:following|json|exact (?:words|text|statement)|statement|finding|fact|facts|string|\{|quote|category|entry|schema)"
    r"|(?:call|invoke|execute|use|trigger|run)\b.{0,30}\b(?:tools?|function call|functions?|plugins?|api)\b.{0,40}(?:\b(?:with|to|and|for)\b|:)|tool[_ -]calls?\b|function[_ ]calls?\b|(?:save|store|add|write|update|create|insert)_(?:\w+_)?(?:facts?|memory|memories|profile|user)\b|to ?= ?bio\b"
    r"|(?:when|whenever|while|as|if|once) (?:you|the (?:ai|model|assistant|extractor)) (?:extract\w*|summari[sz]e\w*|reads?|analy[sz]e\w*|process\w*|builds?|creates?|compil\w+|writes?|merges?|consolidat\w+) (?:a |the |my |this |these |any )?(?:facts?|memor\w+|profile|soul ?print|summary of me|me|this|chats?|conversations?|history|messages?|data|export|text|records?)\b.{0,60}\b(?:add|include|say|write|claim|state|conclude|note|list|report|record|insert|mention|make|put|use)\b"
    r"|(?:your|the) (?:output|answer|reply|response|json|result|summary|extraction|findings?|records?|notes?) (?:should|must|shall|has to|needs to|ought to|will)(?: \w+)? (?:contain|include|say|state|list|mention|read|have|be)\b(?! (?:short|brief|in|concise|no|at|under|max|less))|(?:a|an|the|as) (?:verified|confirmed|established|proven|undisputed|certified) (?:fact|truth|finding|statement|user|information)\b|(?:soul ?print|confidence score|long-term memory)\b|your (?:long-term |internal |own )?(?:memory|memories|database|records|knowledge base|profile of me)\b"
    r"|(?:the|your|this|my) (?:memory|profile|dossier|soul) (?:says?|states?|shows?|reads?|contains?|includes?|owner|records?)\b|(?:stays?|goes|belongs?|remains?|lands?) (?:in|into|on) (?:the |your |my )?(?:memory|profile|records?)\b|(?:has|have|takes?) (?:priority|precedence) over\b|(?:lists?|shows?|describes?|names?|presents?|portrays?) me as\b|(?:is|are) to be (?:described|listed|recorded|remembered|known|treated|shown) as\b|(?:overwrite|replace|correct|erase|delete) (?:what|everything|all|whatever) you (?:know|have|think|believe)\b|put (?:it )?down that\b|write down that\b|must (?:all )?(?:believe|assume|accept|conclude|know) (?:that )?(?=i\b|my\b|the\b|she\b|he\b)|(?:i|we) (?:order|command|instruct) you\b|(?:category|statement|confidence|quote|fact)\b ?[\"']? ?[:=].{0,60}\b(?:category|statement|confidence|quote|fact)\b ?[\"']? ?[:=]|(?:facts?|findings?|statements?|things) (?:to|for you to) (?:be )?(?:extract\w*|record\w*|store\w*|save\w*|remember\w*|memori[sz]e\w*|keep|note)\b|instead,? (?:write|output|say|list|return|state|record|report|extract)\b"
    r"|(?:im|ins|in das|in dein\w*) (?:profil|gedächtnis|speicher)\b.{0,30}\b(?:soll|muss|steh\w*|gehört|kommt)\b|ungeprüft\b|(?:dans|sur) (?:le|mon|ton|son|votre|ta|la) (?:profil|mémoire)\b.{0,30}\b(?:doit|il faut|figure\w*|que)\b|en (?:el|mi|tu|su|la) (?:perfil|memoria)\b.{0,30}\b(?:debe|que|pon\w*)\b|nel (?:mio |tuo )?profilo\b.{0,30}\b(?:deve|che)\b|no (?:meu |seu )?perfil\b.{0,30}\b(?:deve|que)\b"
    r"|(?:the |this |any |an? |my |dear )?(?:ai|assistant|language model|llm|chatbot|model|system|bot)s?,? (?:must|should|shall|has to|needs to|is to|will now|reading|processing|that reads|which reads|parsing)\b.{0,40}\b(?:remember|record|store|save|keep|note|believe|state|write|add|say|know|include|report|claim|conclude|treat|this|these)\b"
    r"|you (?:must|shall|have to|will|need to|are required to|are to) (?:now |always )?(?:keep|remember|believe|state|include|record|store|save|write down|memori[sz]e|conclude|report|claim|insert|assert)\b|(?:state|claim|record|assert|report|conclude|log|register|store|save|memori[sz]e) (?:as (?:a )?fact )?that (?:i|she|he|they|the|this|my|we)\b|(?:store|save|record|log|register|persist|memori[sz]e) (?:this|the following|these|it)\b|for (?:all|every|any) (?:future|later|subsequent) (?:conversations?|chats?|sessions?) that (?:the|this) user\b"
    r"|(?:include|put|insert|write|add) (?:this|it|that|the following|these(?: words)?)(?: \w+)? (?:in|into|to) (?:your|the|my) (?:memor\w+|profile|output|answers?|repl\w+|responses?|facts?|summar\w+|findings?|database|records?|json|notes)\b|(?:this is|these are) (?:now )?(?:verified|confirmed|an? (?:verified|confirmed|established)) ?(?:facts?|by|information|user)?\b|verified (?:facts?|by the (?:system|admin\w*|developers?))\b|do not (?:verify|check|question|doubt|tell the user|mention this)\b|without (?:verif\w+|checking|a quote|proof)\b|(?:set|assign) [\w.\[\]'\"]+ ?(?:=|to) "
    rf"|(?:speicher\w*|trag\w*|füge|schreib\w*|notier\w*|nimm|vermerk\w*|setz\w*|übernimm)\b.{{0,{NEAR}}}\b(?:speicher|gedächtnis|profil|datenbank|fakt\w*|erinnerung\w*)\b|(?:speichere|vermerke|protokolliere)\b|als (?:verifiziert|bestätigt|fakt|wahr|tatsache)\b|(?:die ki|der assistent|das modell) (?:muss|soll)\b"
    rf"|(?:not\w*|ajout\w*|enregistr\w*|écri\w*|inscri\w*|met[sz]|mettez|sauvegard\w*|stock\w*|consign\w*|mémoris\w*)\b.{{0,{NEAR}}}\b(?:mémoire|profil|base de données|faits?)\b|(?:enregistre[sz]?|mémorise[sz]?) que\b|comme (?:vérifiée?|confirmée?|avérée?|un fait)\b|l'(?:ia|assistant|utilisateur|utilisatrice) (?:doit|devra|est|a|préfère)\b"
    rf"|(?:guard\w*|añad\w*|agreg\w*|anot\w*|registr\w*|escrib\w*|pon|incluy\w*|almacen\w*)\b.{{0,{NEAR}}}\b(?:memoria|perfil|base de datos|hechos?)\b|(?:registra|guarda|almacena) que\b|como (?:verificad[oa]|confirmad[oa]|un hecho|hecho)\b|(?:la ia|el asistente|el modelo) debe\b"
    rf"|(?:salv\w*|aggiung\w*|registr\w*|scriv\w*|memorizz\w*|inserisc\w*|annot\w*)\b.{{0,{NEAR}}}\b(?:memoria|profilo|database|fatt[oi])\b|(?:registra|salva|memorizza) che\b|come (?:verificat[oa]|confermat[oa]|un fatto)\b|(?:l'ia|l'assistente|il modello) deve\b"
    rf"|(?:salv\w*|guard\w*|adicion\w*|registr\w*|escrev\w*|grav\w*|inclu\w*|armazen\w*)\b.{{0,{NEAR}}}\b(?:mem[óo]ria|perfil|banco de dados|base de dados|fatos?|factos?)\b|(?:registre|salve|guarde|grave) que\b|como (?:verificad[oa]|confirmad[oa]|um fato)\b|(?:a ia|o assistente|o modelo) deve\b"
    rf"|(?:sla|voeg|schrijf|zet|bewaar|registreer|noteer|leg)\b.{{0,{NEAR}}}\b(?:geheugen|profiel|database|feit\w*)\b|als (?:geverifieerd|bevestigd|feit)\b|(?:spara|lägg|skriv|lagra|notera)\b.{{0,{NEAR}}}\b(?:minnet?|profil\w*|databas\w*|faktum)\b|(?:zapisz|dodaj|zanotuj|wpisz)\b.{{0,{NEAR}}}\b(?:pamię\w*|profil\w*|baz\w*|fakt\w*)\b|zapisz, że\b"
    rf"|(?:запиши\w*|сохрани\w*|добавь\w*|внеси\w*|занеси\w*)\b.{{0,{NEAR}}}\b(?:памят\w*|профил\w*|баз\w*|факт\w*)\b|(?:запиши|сохрани), что\b|(?:hafıza\w*|profil\w*|belle[ğk]\w*).{{0,{NEAR}}}\b(?:kaydet|ekle|yaz)\w*|(?:kaydet|ekle)\b.{{0,{NEAR}}}\b(?:hafıza|profil)"
    r")"
    rf"|(?:^|[.!?,;:\n(–—-] ?|\b(?:please|then|now|and|must|should|shall|to|always|also|will|assistant|model|ai|you)\s){_STORE}\b.{{0,{NEAR}}}\b{_MEMORY}"
    r"|写进(?:档案|记忆|资料)"
    r"|(?:\b\w+(?:\.\w+)+|\b(?:bio|profile|memory|facts?|user|about|status|role)) ?(?:\+|:)?= ?"
    r"|(?:\b(?:to|for|dear|hey|attention|note|hello)\b,? (?:the |any |all |whatever )?|^)(?:fact|memory|profile|data|information)[- ](?:extract\w+|collector|writer|builder|pipeline|engine|summari[sz]er)\b|(?:^|[.!?:;] ?)extract\b.{0,30}\b(?:facts?|following|findings?|that i|the user|memory)\b"
    r"|(?:记录|记住|保存|存储|添加|写入|記錄|儲存|加入).{0,16}(?:记忆|内存|档案|资料|个人资料|数据库|記憶|檔案|事实)|(?:在|向|到)(?:记忆|档案|个人资料|資料).{0,12}(?:中|里)?(?:记录|写|保存|添加)|标记为(?:已验证|真实|事实)|(?:記憶|メモリ|プロフィール|プロファイル|データベース).{0,12}(?:保存|記録|追加|書)|検証済み|(?:기억|메모리|프로필|데이터베이스).{0,12}(?:저장|기록|추가)|(?:احفظ|سجل|أضف).{0,30}(?:الذاكرة|ذاكرتك|الملف|ملف|حقيقة)",
    re.MULTILINE,
)
"""What a model is told to keep, write, call or hold for true."""

_STATE = r"(?:'s \w+)?,? (?:(?:now|also|always|really|currently|actually) )*(?:is|has|was|had|lives?|likes?|loves?|prefers?|works?|wants?|speaks?|owns?|hates?|believes?|needs?|should|must|will|uses?|says?|said|agrees?|approves?|trusts?)\b"
_USER = re.compile(
    rf"\W*(?:the|this|our|current) (?:user|human|account holder){_STATE}|\W*the person{_STATE}|\W*user(?: \w+)?(?: is| has| lives| prefers| likes|:| =)|\W*(?:der (?:be)?nutzer|die (?:be)?nutzerin|l'utilisateur|l'utilisatrice|el usuario|la usuaria|l'utente|o usuário|a usuária|o utilizador|de gebruiker|użytkownik\w*|пользовател\w*|användaren|brugeren|kullanıcı)\b(?! (?:klickt|clique|hace clic|clicca|klikt))|\W*(?:(?:该|這個|这个|此)?用户|用戶|ユーザー|사용자|المستخدم|המשתמש)"
)
_USER_STEMS = tuple(
    """
    user human account person nutzer utilis usuari utente utiliz usuár gebruiker użytkownik пользовател användar bruger
    kullanıcı 用户 用戶 ユーザー 사용자 مستخدم משתמש
    """.split()
)
"""Without one of these in it no text speaks of a user."""

_USER_LEADS = re.compile(
    r"(?:\b(?:the|this) (?:user|person|human)(?:'s)?|\buser|用户|ユーザー(?:は|が)?|사용자(?:는|가)?|المستخدم|пользователь|l'utilisat(?:eur|rice)|(?:el|la) usuari[oa]|(?:der|die) (?:be)?nutzer(?:in)?|l'utente|o usuário)(?: (?:is|has|that|who))?\s*$"
)
