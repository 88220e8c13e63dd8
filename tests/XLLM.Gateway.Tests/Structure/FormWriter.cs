using System.Text;
using XLLM.Contracts.Requests;

namespace XLLM.Gateway.Tests.Structure;

/// <summary>Writes some text of a structure: what an engine that keeps it could answer.</summary>
internal sealed class FormWriter(Random random, IReadOnlyDictionary<string, string> valuesBySchema)
{
    private static readonly Dictionary<string, string[]> Patterns = new(StringComparer.Ordinal)
    {
        [OutputStructure.Blanks(8).Text] = ["", "\n", " \n\n"],
        ["[a-zA-Z0-9]{9}"] = ["abcDEF123"],
        [@"\s*([^{\s][\s\S]*)?"] = ["", "I do not call."],
    };

    public string Write(OutputStructure node)
    {
        var text = new StringBuilder();
        Write(node, text);
        return text.ToString();
    }

    private void Write(OutputStructure node, StringBuilder text)
    {
        switch (node.Kind)
        {
            case StructureKind.Literal or StructureKind.Token:
                text.Append(node.Text);
                break;
            case StructureKind.JsonSchema:
                text.Append(Pick(["", " "])).Append(valuesBySchema[node.Text]);
                break;
            case StructureKind.Regex:
                text.Append(Pick(Patterns[node.Text]));
                break;
            case StructureKind.Choice:
                text.Append(Pick([.. node.Choices]));
                break;
            case StructureKind.Sequence:
                WriteAll(node.Parts, text);
                break;
            case StructureKind.OneOf:
                Write(node.Parts[random.Next(node.Parts.Length)], text);
                break;
            case StructureKind.Repeat:
                for (int count = random.Next(node.Min, (node.Max < 0 ? node.Min + 3 : node.Max) + 1); count > 0; count--)
                {
                    Write(node.Parts[0], text);
                }

                break;
            case StructureKind.Until:
                text.Append("some <thoughts> {");
                Write(node.Parts[random.Next(node.Parts.Length)], text);
                break;
            case StructureKind.Triggered:
                WriteTriggered(node, text);
                break;
            default:
                throw new InvalidOperationException(node.Kind.ToString());
        }
    }

    private void WriteTriggered(OutputStructure node, StringBuilder text)
    {
        text.Append(Pick(["", "I look. "]));
        for (int count = random.Next(node.Min, (node.Max < 0 ? node.Min + 3 : node.Max) + 1); count > 0; count--)
        {
            Write(node.Parts[random.Next(node.Parts.Length)], text);
            text.Append(Pick(["", "\n"]));
        }
    }

    private void WriteAll(IEnumerable<OutputStructure> parts, StringBuilder text)
    {
        foreach (OutputStructure part in parts)
        {
            Write(part, text);
        }
    }

    private string Pick(string[] texts) => texts[random.Next(texts.Length)];
}
