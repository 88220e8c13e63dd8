using System.Diagnostics;
using XLLM.Formats.Gguf;
using XLLM.Formats.Safetensors;
using XLLM.Formats.Tests.Gguf;
using XLLM.Formats.Tests.Safetensors;
using XLLM.Testing;

namespace XLLM.Formats.Tests.Mutation;

/// <summary>
/// Damaged files: nothing but <see cref="ModelFormatException"/> may come out, and memory stays within a small multiple of the
/// file. XLLM_FUZZ_SECONDS (default 2) is the time for each of them.
/// </summary>
public sealed class MutationTests
{
    private static readonly double Seconds =
        double.TryParse(Environment.GetEnvironmentVariable("XLLM_FUZZ_SECONDS"), out double seconds) ? seconds : 2;

    [Fact]
    public void Damaged_small_GGUF_files_give_format_errors_only() => Run(GgufBuilder.Small().Build(), ReadGguf, 20);

    [Fact]
    public void Damaged_small_safetensors_files_give_format_errors_only() => Run(SafetensorsBuilder.Small(), ReadSafetensors, 20);

    [Fact]
    public void Damaged_shard_indexes_give_format_errors_only() =>
        Run(
            [.. """{"metadata":{"total_size":16},"weight_map":{"a":"m-1.safetensors","b":"m-2.safetensors"}}"""u8],
            ReadIndex,
            20);

    [SharedFact("models/xllm-demo-gguf/xllm-demo-Q2_K.gguf")]
    public void Damaged_real_GGUF_files_give_format_errors_only() =>
        Run(File.ReadAllBytes(SharedData.Find("models", "xllm-demo-gguf", "xllm-demo-Q2_K.gguf")!), ReadGguf, 2);

    [SharedFact("golden/families/qwen3/model.safetensors")]
    public void Damaged_real_safetensors_files_give_format_errors_only() =>
        Run(File.ReadAllBytes(SharedData.Find("golden", "families", "qwen3", "model.safetensors")!), ReadSafetensors, 5);

    private static void Run(byte[] valid, Action<string> read, int least)
    {
        using var temp = new TempFile(valid);
        read(temp.Path);
        int header = Math.Min(valid.Length, 256 << 10);
        int refused = 0, seed = 0;
        for (long start = Stopwatch.GetTimestamp(); seed < least || Stopwatch.GetElapsedTime(start).TotalSeconds < Seconds; seed++)
        {
            byte[] damaged = Mutator.Mutate(valid, header, seed);
            File.WriteAllBytes(temp.Path, damaged);
            refused += Check(temp.Path, read, damaged.Length, seed) ? 1 : 0;
        }

        Assert.InRange(refused, 1, seed);
    }

    private static bool Check(string path, Action<string> read, long length, int seed)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool refused = false;
        try
        {
            read(path);
        }
        catch (ModelFormatException)
        {
            refused = true;
        }
        catch (Exception e)
        {
            Assert.Fail($"seed {seed}: {e}");
        }

        long taken = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(taken < 512_000 + 12 * length, $"seed {seed}: {taken} bytes taken for a file of {length}");
        return refused;
    }

    private static void ReadGguf(string path)
    {
        using GgufFile file = GgufFile.Open(path);
        foreach (GgufTensor tensor in file.Tensors.Values)
        {
            _ = tensor.Data.Length > 0 ? tensor.Data[^1] : 0;
        }

        foreach (GgufValue value in file.Metadata.Values)
        {
            _ = (value.Type, value.ElementType) switch
            {
                (GgufValueType.String, _) => value.AsString().Length,
                (GgufValueType.Array, GgufValueType.String) => value.AsStrings().Length,
                (GgufValueType.Array, GgufValueType.Bool) => value.AsBools().Length,
                (GgufValueType.Array, not GgufValueType.Array) => value.AsFloats().Length,
                (GgufValueType.Bool, _) => value.AsBool() ? 1 : 0,
                (not GgufValueType.Array, _) => value.AsDouble(),
                _ => 0,
            };
        }
    }

    private static void ReadSafetensors(string path)
    {
        using SafetensorsFile file = SafetensorsFile.Open(path);
        foreach (SafetensorsTensor tensor in file.Tensors.Values)
        {
            _ = tensor.Data.Length > 0 ? tensor.Data[^1] : 0;
        }
    }

    private static void ReadIndex(string path)
    {
        using var folder = new TempFolder();
        File.Copy(path, Path.Combine(folder.Path, SafetensorsFolder.IndexName));
        folder.Add("m-1.safetensors", SafetensorsBuilder.Build("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));
        folder.Add("m-2.safetensors", SafetensorsBuilder.Build("""{"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}""", 8));
        using SafetensorsFolder model = SafetensorsFolder.Open(folder.Path);
    }
}
