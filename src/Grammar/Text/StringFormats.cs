namespace XLLM.Grammar.Text;

/// <summary>
/// The formats that are asserted, as whole-string patterns, whatever the draft. A name that is not here is an annotation, as the
/// specification has it for unknown formats.
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

    /// <summary>The pattern of a format; empty = refused.</summary>
    private static readonly Dictionary<string, string> Known = new(StringComparer.Ordinal)
    {
        ["email"] = "[^@]*@[^]*".Replace("[^]", @"[\s\S]", StringComparison.Ordinal),
        ["idn-email"] = @"[^@]*@[\s\S]*",
        ["ipv4"] = (V4),
        ["ipv6"] = (V6),
        ["hostname"] = Label + @"(?:\." + Label + @")*\.?",
        ["uri"] = Uri,
        ["date-time"] = Plain + Date + "[Tt]" + Time,
        ["regex"] = "",
        ["uri-reference"] = "(?:" + Uri + "|" + Relative + ")",
        ["json-pointer"] = Pointer,
        ["uri-template"] = Template,
        ["date"] = Plain + Date,
        ["time"] = Time,
        ["relative-json-pointer"] = "(?:0|[1-9][0-9]*)(?:#|" + Pointer + ")",
        ["idn-hostname"] = "",
        ["iri"] = International(Uri),
        ["iri-reference"] = International("(?:" + Uri + "|" + Relative + ")"),
        ["duration"] = "P(?:" + DurDate + "(?:" + DurTime + ")?|" + DurTime + "|[0-9]+W)",
        ["uuid"] = "[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
    };

    /// <summary>The most characters of a host name (RFC 1035).</summary>
    public const int HostNameLength = 253;

    /// <summary>The pattern of a format: null = an annotation only, empty = asserted but not kept by an automaton.</summary>
    public static string? PatternOf(string name) => Known.GetValueOrDefault(name);

    private static string International(string uri) =>
        uri.Replace(@"A-Za-z0-9\-._~", @"A-Za-z0-9\-._~" + Ucs, StringComparison.Ordinal);
}
