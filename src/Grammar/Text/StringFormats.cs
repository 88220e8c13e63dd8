namespace XLLM.Grammar.Text;

/// <summary>
/// The formats that are asserted, as whole-string patterns, and from which draft on. A name that is not here is an annotation, as
/// the specification has it for unknown formats.
/// </summary>
internal static class StringFormats
{
    private const string Octet = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])";
    private const string V4 = Octet + @"\." + Octet + @"\." + Octet + @"\." + Octet;
    private const string H16 = "[0-9A-Fa-f]{1,4}";
    private const string Leap = "(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)";

    private const string Date =
        "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)"
        + "|02-(?:0[1-9]|1[0-9]|2[0-8]))|" + Leap + "-02-29)";

    private const string Time = @"(?:[01][0-9]|2[0-3]):[0-5][0-9]:(?:[0-5][0-9]|60)(?:\.[0-9]+)?(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
    private const string Plain = "(?!0000-)";
    private const string Label = "[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?";

    private const string V6 =
        "(?:(?:" + H16 + ":){6}(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|::(?:" + H16 + ":){5}(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:" + H16 + ")?::(?:" + H16 + ":){4}(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:(?:" + H16 + ":){0,1}" + H16 + ")?::(?:" + H16 + ":){3}(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:(?:" + H16 + ":){0,2}" + H16 + ")?::(?:" + H16 + ":){2}(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:(?:" + H16 + ":){0,3}" + H16 + ")?::" + H16 + ":(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:(?:" + H16 + ":){0,4}" + H16 + ")?::(?:" + H16 + ":" + H16 + "|" + V4 + ")"
        + "|(?:(?:" + H16 + ":){0,5}" + H16 + ")?::" + H16
        + "|(?:(?:" + H16 + ":){0,6}" + H16 + ")?::)";

    // RFC 3986, appendix A.
    private const string Percent = "%[0-9A-Fa-f]{2}";
    private const string PChar = @"(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|" + Percent + ")";
    private const string Segment = PChar + "*";
    private const string NoColon = @"(?:[A-Za-z0-9\-._~!$&'()*+,;=@]|" + Percent + ")+";
    private const string Host = @"(?:\[(?:" + V6 + @"|v[0-9A-Fa-f]+\.[A-Za-z0-9\-._~!$&'()*+,;=:]+)\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|" + Percent + ")*)";
    private const string Authority = @"(?:(?:[A-Za-z0-9\-._~!$&'()*+,;=:]|" + Percent + ")*@)?" + Host + "(?::[0-9]*)?";
    private const string Tail = "(?:\\?(?:" + PChar + "|[/?])*)?(?:#(?:" + PChar + "|[/?])*)?";
    private const string PathAbsolute = "/(?:" + PChar + "+(?:/" + Segment + ")*)?";
    private const string Hier = "(?://" + Authority + "(?:/" + Segment + ")*|" + PathAbsolute + "|" + PChar + "+(?:/" + Segment + ")*|)";
    private const string Uri = @"[A-Za-z][A-Za-z0-9+\-.]*:" + Hier + Tail;
    private const string Relative =
        "(?://" + Authority + "(?:/" + Segment + ")*|" + PathAbsolute + "|" + NoColon + "(?:/" + Segment + ")*|)" + Tail;

    private const string VarName = "(?:[A-Za-z0-9_]|" + Percent + @")(?:\.?(?:[A-Za-z0-9_]|" + Percent + "))*";
    private const string VarSpec = VarName + @"(?:\*|:[1-9][0-9]{0,3})?";

    private const string Template =
        @"(?:[^\x00-\x20""'%<>\\^`{|}]|" + Percent + @"|\{[+#./;?&]?" + VarSpec + "(?:," + VarSpec + @")*\})*";

    private const string Ucs = "\u00A0-\uD7FF\uF900-\uFDCF\uFDF0-\uFFEF\U00010000-\U000EFFFD";
    private const string Pointer = "(?:/(?:[^/~]|~[01])*)*";
    private const string DurTime = "T(?:[0-9]+H(?:[0-9]+M(?:[0-9]+S)?)?|[0-9]+M(?:[0-9]+S)?|[0-9]+S)";
    private const string DurDate = "(?:[0-9]+Y(?:[0-9]+M(?:[0-9]+D)?)?|[0-9]+M(?:[0-9]+D)?|[0-9]+D)";

    /// <summary>First draft (4, 6, 7, 2019, 2020) that has the format, and its pattern; the empty pattern = refused.</summary>
    private static readonly Dictionary<string, (int Since, string Pattern)> Known = new(StringComparer.Ordinal)
    {
        ["email"] = (4, "[^@]*@[^]*".Replace("[^]", @"[\s\S]", StringComparison.Ordinal)),
        ["idn-email"] = (4, @"[^@]*@[\s\S]*"),
        ["ipv4"] = (4, V4),
        ["ipv6"] = (4, V6),
        ["hostname"] = (4, "(?=.{1,253}\\.?$)" + Label + @"(?:\." + Label + @")*\.?"),
        ["uri"] = (4, Uri),
        ["date-time"] = (4, Plain + Date + "[Tt]" + Time),
        ["regex"] = (4, ""),
        ["uri-reference"] = (6, "(?:" + Uri + "|" + Relative + ")"),
        ["json-pointer"] = (6, Pointer),
        ["uri-template"] = (6, Template),
        ["date"] = (7, Plain + Date),
        ["time"] = (7, Time),
        ["relative-json-pointer"] = (7, "(?:0|[1-9][0-9]*)(?:#|" + Pointer + ")"),
        ["idn-hostname"] = (7, ""),
        ["iri"] = (7, International(Uri)),
        ["iri-reference"] = (7, International("(?:" + Uri + "|" + Relative + ")")),
        ["duration"] = (2019, "P(?:" + DurDate + "(?:" + DurTime + ")?|" + DurTime + "|[0-9]+W)"),
        ["uuid"] = (2019, "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}"),
    };

    /// <summary>The pattern of a format in a draft: null = an annotation only, empty = asserted but not kept by an automaton.</summary>
    public static string? PatternOf(string name, int draft) =>
        Known.TryGetValue(name, out (int Since, string Pattern) format) && draft >= format.Since ? format.Pattern : null;

    private static string International(string uri) =>
        uri.Replace(@"A-Za-z0-9\-._~", @"A-Za-z0-9\-._~" + Ucs, StringComparison.Ordinal);
}
