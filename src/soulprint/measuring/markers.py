"""Words by which a manner of writing shows, in the languages people chat in most."""

# ruff: noqa: SIM905 - a list of words reads best as words

from __future__ import annotations

import re

PLEASE = "please pls plz bitte s'il stp svp favor favore alstublieft alsjeblieft proszę пожалуйста lütfen"
THANKS = (
    "thanks thank thx tysm cheers danke dankeschön vielen merci gracias grazie obrigado obrigada bedankt dankjewel "
    "dziękuję dzięki спасибо teşekkürler tack takk"
)
SLANG = (
    "lol lmao rofl omg wtf idk tbh imo imho btw fyi gonna wanna gotta kinda sorta dunno lemme gimme yeah yep nope nah "
    "haha hahaha ha heh hehe jaja jajaja kkk rsrs mdr ptdr u ur ya dude bro ugh meh ok okay asap ngl fr bruh"
)
CONTRACTIONS = (
    "i'm i've i'll i'd don't doesn't didn't can't couldn't won't wouldn't shouldn't isn't aren't wasn't weren't "
    "haven't hasn't hadn't it's it'll that's there's here's what's who's how's where's let's you're you've you'll "
    "you'd he's she's we're we've we'll we'd they're they've they'll they'd ain't y'all"
)
BARE_CONTRACTIONS = (
    "im ive dont doesnt didnt cant couldnt wont wouldnt shouldnt isnt arent wasnt werent havent thats whats youre "
    "theyre"
)
HEDGES = (
    "maybe perhaps probably possibly guess suppose somewhat roughly presumably apparently vielleicht wahrscheinlich "
    "vermutlich peut-être probablement quizás quizá probablemente talvez provavelmente forse probabilmente misschien"
)
FIRST_PERSON = (
    "i i'm i've i'll i'd im ive my me mine myself ich mein meine meinen meinem meiner mir mich je j'ai mon ma "
    "mes moi yo mi mis eu meu minha meus "
    "minhas io mio mia miei ik mijn мой моя я ja mój moja"
)
BRITISH = (
    "colour colours favourite organise organised organising realise realised recognise apologise summarise centre "
    "metre metres litre litres behaviour neighbour neighbours neighbourhood programme whilst mum grey tyre tyres "
    "analyse catalogue honour labour defence licence travelling cancelled modelling jewellery aluminium"
)
AMERICAN = (
    "color colors favorite organize organized organizing realize realized recognize apologize summarize center meter "
    "meters liter liters behavior neighbor neighbors neighborhood mom gray tire tires analyze catalog honor labor "
    "defense license traveling canceled modeling jewelry aluminum"
)
DU = "du dir dich dein deine deinen deinem deiner"
SIE = "sie ihnen ihre ihrem ihren"
TU = "tu toi"
VOUS = "vous votre vos"

GREETINGS = frozenset(
    "hi hello hey heya hiya morning yo howdy greetings hallo moin servus grüezi guten bonjour bonsoir salut coucou "
    "hola buenas buenos olá oi bom ciao salve buongiorno hoi goedemorgen hej cześć привет здравствуйте merhaba".split()
)
"""A message that starts with one of these greets."""

QUESTION_WORDS = frozenset(
    "what why how when where which who whose whom is are am was were do does did can could would will should shall "
    "has have was wer wie wo wann warum wieso weshalb welche welcher welches kann kannst könnte könntest ist sind "
    "hat gibt comment pourquoi quand où quel quelle quels quelles est-ce qui que qu'est combien peux pouvez cómo qué "
    "cuál cuándo dónde quién puedes como qual quando onde quem quanto pode perché come quale dove chi puoi hoe wat "
    "waarom welke kun waar wanneer".split()
)

MANNERS = {
    "please": PLEASE,
    "thanks": THANKS,
    "slang": SLANG,
    "contractions": CONTRACTIONS,
    "bare_contractions": BARE_CONTRACTIONS,
    "hedges": HEDGES,
    "first_person": FIRST_PERSON,
    "british": BRITISH,
    "american": AMERICAN,
    "du": DU,
    "sie": SIE,
    "tu": TU,
    "vous": VOUS,
}

WORDS: dict[str, tuple[str, ...]] = {
    word: tuple(manner for manner, words in MANNERS.items() if word in words.split())
    for word in " ".join(MANNERS.values()).split()
}
"""Word -> the manners it shows."""

KNOWN = frozenset(WORDS)

FORMAL_SIE = re.compile(r"[a-zäöüß,] (?:Sie|Ihnen|Ihre[mnrs]?)\b|\b(?:Können|Könnten|Würden|Haben|Geben|Machen) Sie\b")
"""The polite form, which in the middle of a sentence is told from "they" by its capital."""

PICTURE = re.compile(r"[\U0001F1E6-\U0001FAFF\u2600-\u26FF\u2705\u2728\u270A-\u270D\u274C\u2763\u2764\u2B50]")
"""Whether there is an emoji at all; quicker than finding where each ends."""

EMOJI = re.compile(
    r"[\U0001F1E6-\U0001F1FF]{2}|[\U0001F300-\U0001FAFF\u2600-\u26FF\u2705\u2728\u270A-\u270D\u274C\u2763\u2764\u2B50]"
    r"(?:[\uFE0F\U0001F3FB-\U0001F3FF]|\u200D[\U0001F300-\U0001FAFF\u2640\u2642\u2764])*"
)

EMOTICON = re.compile(r"(?<!\w)[:;]-?[)(DP](?!\w)")
