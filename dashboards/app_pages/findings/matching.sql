-- The findings that the filters of the page let through; '' lets all through.
FROM findings_at(now = {now:DateTime64(6, 'UTC')})
WHERE
    ({status:String} = '' OR status = {status:String} OR {status:String} = 'active' AND status IN ('open', 'acknowledged'))
    AND ({cause:String} = '' OR cause = {cause:String})
    AND ({kind:String} = '' OR kind = {kind:String})
    AND ({class:String} = '' OR class = {class:String})
    AND ({entity:String} = '' OR legal_entity = {entity:String})
    AND ({process:String} = '' OR process = {process:String})
    AND ({least:String} = '' OR abs(amount) >= toDecimal64OrNull({least:String}, 4))
    AND (
        {words:String} = ''
        OR positionCaseInsensitiveUTF8(
            concat(finding_id, ' ', object, ' ', explanation, ' ', source, ' ', arrayStringConcat(root_sample, ' ')),
            {words:String}
        ) > 0
    )
