using System.Text;

namespace XLLM.Formats.Tests.Gguf;

/// <summary>Writes small GGUF files, right or wrong as the test wants them.</summary>
internal sealed class GgufBuilder
{
    private readonly MemoryStream _metadata = new();
    private readonly MemoryStream _tensors = new();
    private readonly MemoryStream _data = new();
    private ulong _keys;
    private ulong _tensorCount;

    public uint Version { get; set; } = 3;

    public int Alignment { get; set; } = 32;

    public ulong? ClaimedKeys { get; set; }

    public ulong? ClaimedTensors { get; set; }

    public static GgufBuilder Small()
    {
        var builder = new GgufBuilder();
        builder.Add("general.architecture", "llama");
        builder.Add("llama.block_count", 3u);
        builder.Add("llama.rope.freq_base", 10000f);
        builder.Add("tokenizer.ggml.add_bos_token", true);
        builder.Add("tokenizer.ggml.tokens", 8, w => Strings(w, "a", "bc", "é"));
        builder.Add("tokenizer.ggml.scores", 6, w => Each(w, -1f, 0.5f));
        builder.Add("nested", 9, w =>
        {
            w.Write(1UL);
            w.Write(4u);
            w.Write(2UL);
            w.Write(7u);
            w.Write(9u);
        });
        builder.AddTensor("token_embd.weight", 0, [4, 3], new byte[48]);
        builder.AddTensor("blk.0.attn_q.weight", 2, [32, 2], new byte[36]);
        return builder;
    }

    public void Add(string key, string value) => Entry(key, 8, w => Text(w, value));

    public void Add(string key, uint value) => Entry(key, 4, w => w.Write(value));

    public void Add(string key, ulong value) => Entry(key, 10, w => w.Write(value));

    public void Add(string key, float value) => Entry(key, 6, w => w.Write(value));

    public void Add(string key, bool value) => Entry(key, 7, w => w.Write(value));

    /// <summary>An array: <paramref name="write"/> writes length and elements.</summary>
    public void Add(string key, uint element, Action<BinaryWriter> write) =>
        Entry(key, 9, w =>
        {
            w.Write(element);
            write(w);
        });

    public void Entry(string key, uint type, Action<BinaryWriter> write)
    {
        using var writer = new BinaryWriter(_metadata, Encoding.UTF8, true);
        Text(writer, key);
        writer.Write(type);
        write(writer);
        _keys++;
    }

    public void AddTensor(string name, uint type, ulong[] dimensions, byte[] data, ulong? offset = null)
    {
        using var writer = new BinaryWriter(_tensors, Encoding.UTF8, true);
        Text(writer, name);
        writer.Write((uint)dimensions.Length);
        foreach (ulong dimension in dimensions)
        {
            writer.Write(dimension);
        }

        writer.Write(type);
        writer.Write(offset ?? (ulong)_data.Length);
        _data.Write(data);
        Pad(_data, Alignment);
        _tensorCount++;
    }

    public byte[] Build()
    {
        var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("GGUF"u8);
        writer.Write(Version);
        writer.Write(ClaimedTensors ?? _tensorCount);
        writer.Write(ClaimedKeys ?? _keys);
        writer.Write(_metadata.ToArray());
        writer.Write(_tensors.ToArray());
        Pad(stream, Alignment);
        writer.Write(_data.ToArray());
        return stream.ToArray();
    }

    public static void Strings(BinaryWriter writer, params string[] values)
    {
        writer.Write((ulong)values.Length);
        foreach (string value in values)
        {
            Text(writer, value);
        }
    }

    public static void Each(BinaryWriter writer, params float[] values)
    {
        writer.Write((ulong)values.Length);
        foreach (float value in values)
        {
            writer.Write(value);
        }
    }

    private static void Text(BinaryWriter writer, string value)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(value);
        writer.Write((ulong)bytes.Length);
        writer.Write(bytes);
    }

    private static void Pad(Stream stream, int alignment)
    {
        while (stream.Position % alignment != 0)
        {
            stream.WriteByte(0);
        }
    }
}
