using XLLM.Formats;
using XLLM.Formats.Gguf;

namespace XLLM.Engine.Models;

/// <summary>Reads an architecture's keys of GGUF metadata; what is missing or of a wrong type is added to the problems.</summary>
internal sealed class GgufKeys(GgufFile file, string architecture, ConfigProblems problems)
{
    public ConfigProblems Problems => problems;

    public bool Has(string name) => Find(name) is not null;

    public int Int(string name, int least, int most, int? fallback = null)
    {
        if (Find(name) is not { } value)
        {
            return fallback ?? Missing(name, least);
        }

        return Try(value, v => problems.Range(v.Key, v.AsInt64(), least, most), least);
    }

    public double Real(string name, double least, double most, double? fallback = null)
    {
        if (Find(name) is not { } value)
        {
            return fallback ?? Missing(name, least);
        }

        return Try(value, v => problems.RealRange(v.Key, v.AsDouble(), least, most), least);
    }

    public string? Text(string name) => Find(name) is { } value ? Try(value, v => v.AsString(), "") : null;

    private GgufValue? Find(string name) => file.Find($"{architecture}.{name}");

    private T Try<T>(GgufValue value, Func<GgufValue, T> read, T fallback)
    {
        try
        {
            return read(value);
        }
        catch (ModelFormatException e)
        {
            problems.Add(e.Problem);
            return fallback;
        }
    }

    private T Missing<T>(string name, T fallback)
    {
        problems.Add($"the metadata lacks '{architecture}.{name}'");
        return fallback;
    }
}
