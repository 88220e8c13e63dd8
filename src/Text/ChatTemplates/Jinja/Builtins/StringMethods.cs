using XLLM.Text.ChatTemplates.Jinja.Runtime;
using XLLM.Text.ChatTemplates.Jinja.Values;

namespace XLLM.Text.ChatTemplates.Jinja.Builtins;

/// <summary>Methods of strings. Those that need positions are in <see cref="StringSearchMethods"/>.</summary>
internal static class StringMethods
{
    public static IReadOnlyDictionary<string, Builtin> Table { get; } = new BuiltinTable
    {
        { "upper", "", c => c.State.Text(PythonText.Upper(Text(c))) },
        { "lower", "", c => c.State.Text(PythonText.Lower(Text(c))) },
        { "casefold", "", c => c.State.Text(PythonText.Lower(PythonText.Lower(Text(c)).Replace("ß", "ss", StringComparison.Ordinal))) },
        { "capitalize", "", c => c.State.Text(PythonText.Capitalize(Text(c))) },
        { "title", "", c => c.State.Text(PythonText.Title(Stepped(c))) },
        { "swapcase", "", c => c.State.Text(SwapCase(Stepped(c))) },
        { "strip", "chars?", c => c.State.Text(Trim(c, start: true, end: true)) },
        { "lstrip", "chars?", c => c.State.Text(Trim(c, start: true, end: false)) },
        { "rstrip", "chars?", c => c.State.Text(Trim(c, start: false, end: true)) },
        { "removeprefix", "prefix", c => c.State.Text(RemovePrefix(Text(c), c.RequiredText(0))) },
        { "removesuffix", "suffix", c => c.State.Text(RemoveSuffix(Text(c), c.RequiredText(0))) },
        { "replace", "old new count?", c => new StringValue(
            TextOperations.Replace(c.State, Text(c), c.RequiredText(0), c.RequiredText(1), c.Index(2, -1))) },
        { "split", "sep? maxsplit?", c => Strings(Split(c, fromRight: false)) },
        { "rsplit", "sep? maxsplit?", c => Strings(Split(c, fromRight: true)) },
        { "splitlines", "keepends?", c => Strings(TextOperations.SplitLines(c.State, Text(c), c.IsTrue(0))) },
        { "join", "iterable", Join },
        { "format", "* **", c => new StringValue(new BraceFormat(c.State, c.More, c.MoreNamed).Apply(Text(c))) },
        { "isdigit", "", c => BoolValue.Of(PythonText.All(Stepped(c), PythonText.IsDigit)) },
        { "isdecimal", "", c => BoolValue.Of(PythonText.All(Stepped(c), PythonText.IsDecimal)) },
        { "isnumeric", "", c => BoolValue.Of(PythonText.All(Stepped(c), PythonText.IsNumeric)) },
        { "isalpha", "", c => BoolValue.Of(PythonText.All(Stepped(c), PythonText.IsAlpha)) },
        { "isalnum", "", c => BoolValue.Of(PythonText.All(Stepped(c), PythonText.IsAlphanumeric)) },
        { "isspace", "", c => BoolValue.Of(PythonText.All(Stepped(c), p => p < 0x10000 && PythonText.IsSpace((char)p))) },
        { "isascii", "", c => BoolValue.Of(System.Text.Ascii.IsValid(Text(c))) },
        { "isprintable", "", c => BoolValue.Of(Text(c).Length == 0 || PythonText.All(Stepped(c), PythonText.IsPrintable)) },
        { "islower", "", c => BoolValue.Of(PythonText.HasOnly(Stepped(c), PythonText.IsLower)) },
        { "isupper", "", c => BoolValue.Of(PythonText.HasOnly(Stepped(c), PythonText.IsUpper)) },
        { "istitle", "", c => BoolValue.Of(Text(c) == PythonText.Title(Stepped(c)) && Text(c).EnumerateRunes().Any(r => PythonText.IsCased(r.Value))) },
        StringSearchMethods.All,
    }.ByName;

    /// <summary>A method applied to a text, for the filters that are the same thing.</summary>
    public static Value Apply(Invocation call, string method, string text, Value? argument = null) =>
        Table[method].Invoke(call.State, new StringValue(text), argument is null ? CallArguments.None : new CallArguments([argument], []));

    public static string Text(Invocation call) => ((StringValue)call.Self).Text;

    private static string Stepped(Invocation call)
    {
        call.State.Step(Text(call).Length);
        return Text(call);
    }

    private static ListValue Strings(List<string> parts) => new([.. parts.Select(p => new StringValue(p))]);

    private static string Trim(Invocation call, bool start, bool end)
    {
        string? characters = call.Text(0);
        string text = start ? TextOperations.TrimStart(call.State, Text(call), characters) : Text(call);
        return end ? TextOperations.TrimEnd(call.State, text, characters) : text;
    }

    private static string RemovePrefix(string text, string prefix) =>
        text.StartsWith(prefix, StringComparison.Ordinal) ? text[prefix.Length..] : text;

    private static string RemoveSuffix(string text, string suffix) =>
        text.EndsWith(suffix, StringComparison.Ordinal) ? text[..^suffix.Length] : text;

    private static List<string> Split(Invocation call, bool fromRight)
    {
        string text = Text(call);
        int limit = call.Index(1, -1);
        if (call.Text(0) is not string separator)
        {
            return fromRight ? TextOperations.SplitWordsFromRight(call.State, text, limit)
                : TextOperations.SplitWords(call.State, text, limit);
        }

        return separator.Length == 0 ? throw call.Error("empty separator")
            : fromRight ? TextOperations.SplitFromRight(call.State, text, separator, limit)
            : TextOperations.Split(call.State, text, separator, limit);
    }

    private static Value Join(Invocation call)
    {
        OutputBuffer result = new(call.State);
        int index = 0;
        foreach (Value item in Iteration.Items(call.State, call.Get(0)))
        {
            result.Write(index == 0 ? "" : Text(call));
            result.Write(item is StringValue text ? text.Text
                : throw call.Error($"sequence item {index}: expected str instance, {item.TypeName} found"));
            index++;
        }

        return new StringValue(result.ToString());
    }

    private static string SwapCase(string text) => string.Concat(CodePoints.Split(text).Select(point =>
        PythonText.IsUpper(CodePoints.At(point, 0)) ? PythonText.Lower(point)
        : PythonText.IsLower(CodePoints.At(point, 0)) ? PythonText.Upper(point) : point));
}
