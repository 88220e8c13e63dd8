using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using XLLM.Grains.Telemetry;

namespace XLLM.Cli.Hosting;

/// <summary>Traces of requests by OTLP, when an endpoint is configured; else nothing listens and spans cost nothing.</summary>
internal static class TracingServices
{
    public static IServiceCollection AddXllmTracing(this IServiceCollection services, Settings settings)
    {
        TelemetryOptions options = settings.Telemetry;
        if (options.OtlpEndpoint.Length == 0)
        {
            return services;
        }

        services.AddSingleton(_ => Build(settings));
        return services.AddHostedService<Keeper>();
    }

    private static TracerProvider Build(Settings settings)
    {
        TelemetryOptions options = settings.Telemetry;
        return Sdk.CreateTracerProviderBuilder()
            .AddSource(XllmActivity.SourceName)
            .SetSampler(new ParentBasedSampler(new TraceIdRatioBasedSampler(options.SampleRatio)))
            .ConfigureResource(resource => resource.AddService(
                "xllm-" + settings.Cluster.Role.ToString().ToLowerInvariant(),
                serviceNamespace: settings.Cluster.ClusterId,
                serviceInstanceId: settings.Silo.Name))
            .AddOtlpExporter(exporter =>
            {
                bool http = options.OtlpProtocol == "http";
                exporter.Protocol = http ? OtlpExportProtocol.HttpProtobuf : OtlpExportProtocol.Grpc;
                exporter.Endpoint = EndpointOf(options.OtlpEndpoint, http);
            })
            .Build();
    }

    private static Uri EndpointOf(string endpoint, bool http)
    {
        var uri = new Uri(endpoint);
        return http && uri.AbsolutePath == "/" ? new Uri(uri, "/v1/traces") : uri;
    }

    /// <summary>Brings the provider to life with the host; the container disposes it last, which sends what is left.</summary>
    private sealed class Keeper(TracerProvider provider) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken)
        {
            provider.ForceFlush(timeoutMilliseconds: 2000);
            return Task.CompletedTask;
        }
    }
}
