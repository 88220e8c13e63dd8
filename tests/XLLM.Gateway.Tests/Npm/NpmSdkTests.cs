using System.Diagnostics;
using XLLM.Contracts.Requests;
using XLLM.Gateway.Tests.Harness;
using XLLM.Testing;
using XLLM.Text.Answers;
using XLLM.Text.Reasoning;
using XLLM.Text.ToolCalls;

namespace XLLM.Gateway.Tests.Npm;

public sealed class NpmSdkTests
{
    [NpmFact]
    public async Task The_official_npm_SDKs_of_OpenAI_and_Anthropic_get_what_they_expect()
    {
        await using StoreHost store = await StoreHost.StartAsync();
        GatewayHost host = store.Gateway;
        host.Fleet.Format = new AnswerFormat(new ReasoningFormat("<think>", "</think>"), ToolCallFormat.Hermes);
        host.Backend.OnSubmit = run => run.Request.Pooling != PoolingKind.None ? run.Embed() : run
            .Say("<think>Hm.</think>I look.\n<tool_call>{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Bonn\"}}</tool_call>")
            .Finish(RequestOutcome.CompletedStop);
        string script = Path.Combine(SharedData.Repository, "tests", "XLLM.Gateway.Tests", "Npm", "sdk.cjs");
        using var node = Process.Start(new ProcessStartInfo(NpmFactAttribute.Node!, [script, host.Address.ToString().TrimEnd('/')])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            Environment = { ["NODE_PATH"] = NpmFactAttribute.Modules },
        })!;
        Task<string> errors = node.StandardError.ReadToEndAsync();
        string output = await node.StandardOutput.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await node.WaitForExitAsync().WaitAsync(TestTime.Limit);
        Assert.True(node.ExitCode == 0, $"{output}\n{await errors}");
        Assert.Contains("all as expected", output);
        host.AssertNothingLeft();
    }
}
