using System.Globalization;

namespace XLLM.Text.Tokenizers.Unicode;

/// <summary>
/// Decompositions, compositions and combining classes (Unicode Standard Annex 15), read once from normalization.txt.
/// </summary>
internal sealed class NormalizationData
{
    private static readonly Lazy<NormalizationData> Loaded = new(() => new NormalizationData());

    private readonly Dictionary<int, int[]> _canonical = [];
    private readonly Dictionary<int, int[]> _compatible = [];
    private readonly Dictionary<long, int> _composed = [];
    private readonly Dictionary<int, byte> _classes = [];

    private NormalizationData()
    {
        using Stream stream = typeof(NormalizationData).Assembly.GetManifestResourceStream("XLLM.Text.normalization.txt")
            ?? throw new InvalidOperationException("The resource normalization.txt is missing from the assembly.");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
        {
            if (line[0] != '#')
            {
                Add(line.Split(' '));
            }
        }
    }

    public static NormalizationData Instance => Loaded.Value;

    /// <summary>The full mapping of one step, or null when the code point stands for itself.</summary>
    public int[]? Decompose(int codePoint, bool compatible) =>
        _canonical.TryGetValue(codePoint, out int[]? mapping) || (compatible && _compatible.TryGetValue(codePoint, out mapping))
            ? mapping
            : null;

    /// <summary>Primary composite of a pair, or -1.</summary>
    public int Compose(int first, int second) => _composed.GetValueOrDefault(Key(first, second), -1);

    public int ClassOf(int codePoint) => codePoint < 0x300 ? 0 : _classes.GetValueOrDefault(codePoint);

    private static long Key(int first, int second) => ((long)first << 32) | (uint)second;

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private void Add(string[] fields)
    {
        int code = Hex(fields[0]);
        if (fields.Length == 2)
        {
            _classes[code] = byte.Parse(fields[1], CultureInfo.InvariantCulture);
            return;
        }

        int[] mapping = [.. fields.Skip(2).Select(Hex)];
        if (fields[1] == "k")
        {
            _compatible[code] = mapping;
            return;
        }

        _canonical[code] = mapping;
        if (fields[1] == "c")
        {
            _composed[Key(mapping[0], mapping[1])] = code;
        }
    }
}
