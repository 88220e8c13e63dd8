using System.CommandLine;
using XLLM.Cli.Commands;

RootCommand root = new("XLLM.Orleans: LLM serving on actors and native kernels.")
{
    ServeCommand.Create(),
    ClusterCommand.Create(),
    NodeCommand.Create(),
    HealthCommand.Create(),
    ChatCommand.Create(),
    BatchCommand.Create(),
    BenchCommand.Create(),
    SimulateCommand.Create(),
    KeysCommand.Create(),
    ModelsCommand.Create(),
    VerifyCommand.Create(),
};
return await root.Parse(args).InvokeAsync(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
