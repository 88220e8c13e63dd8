using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using XLLM.Testing.SiloHost;

// A silo until SIGTERM, or until the pipe from the test closes: no silo outlives its test.
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(x => x.SingleLine = true);
builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(x => x.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Logging.SetMinimumLevel(LogLevel.Information);
builder.UseOrleans(SiloSettings.Parse(args).Apply);
using IHost host = builder.Build();
await host.StartAsync();
Console.WriteLine($"ready {host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()}");
_ = Task.Run(async () =>
{
    await Console.In.ReadToEndAsync();
    await host.StopAsync();
});
await host.WaitForShutdownAsync();
