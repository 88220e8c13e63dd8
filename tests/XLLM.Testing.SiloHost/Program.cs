using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orleans.Runtime;
using XLLM.Testing.SiloHost;

// A silo until SIGTERM, or until the pipe from the test closes: no silo outlives its test.
HostApplicationBuilder builder = Host.CreateApplicationBuilder();
builder.Logging.ClearProviders();
builder.Logging.AddSimpleConsole(x => (x.SingleLine, x.TimestampFormat) = (true, "HH:mm:ss.fff "));
builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(x => x.LogToStandardErrorThreshold = LogLevel.Trace);
builder.Logging.SetMinimumLevel(Environment.GetEnvironmentVariable("XLLM_TEST_LOG") is null ? LogLevel.Information : LogLevel.Debug);
builder.UseOrleans(SiloSettings.Parse(args).Apply);
using IHost host = builder.Build();
await host.StartAsync();
Console.WriteLine($"ready {host.Services.GetRequiredService<ILocalSiloDetails>().SiloAddress.ToParsableString()}");
new Thread(() =>
{
    Console.In.ReadToEnd();
    host.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
})
{
    IsBackground = true,
}.Start();
await host.WaitForShutdownAsync();
