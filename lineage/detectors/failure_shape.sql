-- What an error says without what differs from one time to the next: `message` in small letters, with addresses, uuids, quoted
-- values, and every word that holds a digit (numbers, amounts, dates, times, ids, hex) as '<>'. Several values in a row are one,
-- so that a list of three says the same as a list of two. An apostrophe within a word (isn't) begins no quoted value.
leftUTF8(trimBoth(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(replaceRegexpAll(
    lowerUTF8(message),
    '[a-z][a-z0-9+.-]*://[^\\s\'"<>]+|[^\\s\'"<>@()]+@[^\\s\'"<>@()]+|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}', ' <> '),
    '"[^"]*"|`[^`]*`|“[^”]*”|„[^“”]*[“”]|«[^»]*»|‘[^’]*’|\\B\'(?:[^\']|\\b\'\\b)*\'\\B', ' <> '),
    '[\\p{L}\\p{N}_./:,#@+%-]*\\p{N}[\\p{L}\\p{N}_./:,#@+%-]*', ' <> '),
    '<>\\s*[ap]\\.?m\\b\\.?', '<>'),
    '\\b(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\\b[\\s.,-]*<>', '<>'),
    '<>(?:[\\s,;/|&+=-]*<>)*', '<>'),
    '\\s+', ' ')), 500)
