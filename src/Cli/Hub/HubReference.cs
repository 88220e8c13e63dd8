using System.Text.RegularExpressions;

namespace XLLM.Cli.Hub;

/// <summary>
/// A model on a hub: <c>owner/name</c>, with <c>@revision</c> (default main) and <c>:selector</c>, a part of a GGUF file's name
/// such as <c>Q4_K_M</c>.
/// </summary>
public sealed partial record HubReference(string Repository, string Revision, string? Selector)
{
    /// <summary>Null when the text is not of that form.</summary>
    public static HubReference? TryParse(string text)
    {
        Match match = Form().Match(text);
        return match.Success
            ? new HubReference(
                match.Groups["repo"].Value,
                match.Groups["rev"].Success ? match.Groups["rev"].Value : "main",
                match.Groups["sel"].Success ? match.Groups["sel"].Value : null)
            : null;
    }

    public override string ToString() =>
        Repository + (Revision == "main" ? "" : "@" + Revision) + (Selector is null ? "" : ":" + Selector);

    [GeneratedRegex(
        @"^(?<repo>[A-Za-z0-9][A-Za-z0-9._-]{0,95}/[A-Za-z0-9][A-Za-z0-9._-]{0,95})(@(?<rev>[A-Za-z0-9][A-Za-z0-9._-]{0,99}))?(:(?<sel>[A-Za-z0-9][A-Za-z0-9._-]{0,99}))?$",
        RegexOptions.CultureInvariant)]
    private static partial Regex Form();
}
