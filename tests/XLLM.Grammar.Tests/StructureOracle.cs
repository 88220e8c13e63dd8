using System.Text.Json;
using System.Text.RegularExpressions;
using XLLM.Contracts.Requests;

namespace XLLM.Grammar.Tests;

/// <summary>
/// What a structure takes, by trying every end of every part: slow and plain. Special tokens are characters of their own.
/// </summary>
internal sealed class StructureOracle(OutputStructure root, Func<int, char> special)
{
    public bool Takes(string text) => Ends(root, text, 0).Contains(text.Length);

    private HashSet<int> Ends(OutputStructure part, string text, int from)
    {
        switch (part.Kind)
        {
            case StructureKind.Sequence:
                return After(part.Parts, text, [from]);
            case StructureKind.OneOf:
                return [.. part.Parts.SelectMany(p => Ends(p, text, from))];
            case StructureKind.Repeat:
                HashSet<int> all = part.Min == 0 ? [from] : [];
                HashSet<int> edge = [from];
                for (int n = 1; (part.Max < 0 || n <= part.Max) && n <= Math.Max(part.Min, text.Length + 1) && edge.Count > 0; n++)
                {
                    edge = [.. edge.SelectMany(e => Ends(part.Parts[0], text, e))];
                    if (n >= part.Min)
                    {
                        all.UnionWith(edge);
                    }
                }

                return all;
            case StructureKind.Until:
                (int end, _) = FirstMark([.. part.Parts.Select(Spelled)], text, from);
                return end < 0 ? [] : [end];
            case StructureKind.Triggered:
                return Triggered(part, text, from, 0);
            default:
                return [.. Enumerable.Range(from, text.Length - from + 1).Where(e => IsLeaf(part, text[from..e]))];
        }
    }

    private HashSet<int> Triggered(OutputStructure part, string text, int from, int count)
    {
        if (count == part.Max)
        {
            return [from];
        }

        string[] marks = [.. part.Parts.Select(p => Spelled(p.Kind == StructureKind.Sequence ? p.Parts[0] : p))];
        (int end, string found) = FirstMark(marks, text, from);
        HashSet<int> ends = [];
        if (count >= part.Min)
        {
            ends.UnionWith(Enumerable.Range(from, (end < 0 ? text.Length + 1 : end) - from));
        }

        for (int i = 0; i < marks.Length && end >= 0; i++)
        {
            if (marks[i] == found)
            {
                OutputStructure one = part.Parts[i];
                HashSet<int> after = one.Kind == StructureKind.Sequence ? After(one.Parts.Skip(1), text, [end]) : [end];
                ends.UnionWith(after.SelectMany(e => Triggered(part, text, e, count + 1)));
            }
        }

        return ends;
    }

    private HashSet<int> After(IEnumerable<OutputStructure> parts, string text, HashSet<int> from) =>
        parts.Aggregate(from, (ends, part) => [.. ends.SelectMany(e => Ends(part, text, e))]);

    private static (int End, string Mark) FirstMark(string[] marks, string text, int from)
    {
        for (int end = from + 1; end <= text.Length; end++)
        {
            foreach (string mark in marks)
            {
                if (text[from..end].EndsWith(mark, StringComparison.Ordinal))
                {
                    return (end, mark);
                }
            }
        }

        return (-1, "");
    }

    private string Spelled(OutputStructure mark) => mark.Kind == StructureKind.Token ? special(mark.Token).ToString() : mark.Text;

    private bool IsLeaf(OutputStructure part, string text) => part.Kind switch
    {
        StructureKind.Literal or StructureKind.Token => text == Spelled(part),
        StructureKind.Choice => part.Choices.Contains(text),
        StructureKind.Regex => Regex.IsMatch(text, $@"\A(?:{part.Text})\z"),
        _ => IsValue(part.Text, text),
    };

    private static bool IsValue(string schema, string text)
    {
        if (text.Length == 0 || text != text.TrimEnd())
        {
            return false;
        }

        try
        {
            using JsonDocument source = JsonDocument.Parse(schema), value = JsonDocument.Parse(text);
            return PlainValidator.IsValid(source.RootElement, value.RootElement, source.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
    }
}
