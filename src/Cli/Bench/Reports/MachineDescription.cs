using System.Globalization;
using System.Runtime.InteropServices;

namespace XLLM.Cli.Bench.Reports;

/// <summary>The machine a result was measured on.</summary>
internal sealed record MachineDescription(string Cpu, int Cores, string Flags, double MemoryGigabytes, string System)
{
    // What decides between kernel paths.
    private static readonly string[] Telling =
        ["avx2", "fma", "f16c", "avx_vnni", "avx512f", "avx512bw", "avx512_vnni", "avx512_bf16", "amx_int8", "amx_bf16", "asimd", "asimddp", "i8mm", "sve"];

    public static MachineDescription Read() => Parse(
        File.Exists("/proc/cpuinfo") ? File.ReadAllText("/proc/cpuinfo") : "",
        Environment.ProcessorCount,
        GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 1e9,
        $"{RuntimeInformation.OSDescription}, {RuntimeInformation.OSArchitecture}");

    public static MachineDescription Parse(string cpuinfo, int cores, double memory, string system)
    {
        string Field(params string[] names) => cpuinfo.Split('\n')
            .Select(l => l.Split(':', 2, StringSplitOptions.TrimEntries))
            .FirstOrDefault(p => p.Length == 2 && names.Contains(p[0]))?[1] ?? "";
        HashSet<string> flags = [.. Field("flags", "Features").Split(' ')];
        string cpu = Field("model name", "Model");
        return new MachineDescription(
            cpu.Length > 0 ? cpu : "unknown CPU", cores, string.Join(' ', Telling.Where(flags.Contains)), memory, system);
    }

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture, $"{Cpu}, {Cores} cores, {MemoryGigabytes:0} GB, {Flags}, {System}");
}
