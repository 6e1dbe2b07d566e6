-- An amount as people write it: `USD 1,234.50`, with the digits of its currency (ISO 4217), and more where it has them; as dashboards.formats.money does.
(amount, currency) -> greatest(
    multiIf(currency IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'), 0,
        currency IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), 3, 2),
    length(splitByChar('.', toString(amount))[2])) AS money_digits,
(amount, currency) -> concat(currency, if(currency = '', '', ' '),
    reverse(replaceRegexpOne(replaceRegexpAll(reverse(splitByChar('.', toString(amount))[1]), '[0-9]{3}', '\\0,'), ',(-?)$', '\\1')),
    if(money_digits(amount, currency) = 0, '', concat('.', rightPad(splitByChar('.', toString(amount))[2], money_digits(amount, currency), '0')))) AS money_words
