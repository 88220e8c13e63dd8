using System.CommandLine;

namespace XLLM.Cli.Commands;

/// <summary><c>xllm bench</c>: measurements.</summary>
internal static class BenchCommand
{
    public static Command Create() => new("bench", "Measure.")
    {
        BenchEngineCommand.Create(),
        BenchKvCommand.Create(),
        BenchLoopCommand.Create(),
        BenchServeCommand.Create(),
        ChaosCommand.Create(),
        FailoverCommand.Create(),
        PoliciesCommand.Create(),
        GraphBenchCommand.Create(),
        SoakCommand.Create(),
        SpeculationBenchCommand.Create(),
        StreamBenchCommand.Create(),
        StepBenchCommand.Create(),
        GrammarBenchCommand.Create(),
        TransferBenchCommand.Create(),
    };
}
