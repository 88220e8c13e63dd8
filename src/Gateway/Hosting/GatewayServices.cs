using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using XLLM.Contracts.Configuration;
using XLLM.Gateway.Anthropic;
using XLLM.Gateway.Backend;
using XLLM.Gateway.Batches;
using XLLM.Gateway.Blocks;
using XLLM.Gateway.Cluster;
using XLLM.Gateway.Configuration;
using XLLM.Gateway.Embeddings;
using XLLM.Gateway.Files;
using XLLM.Gateway.Generation;
using XLLM.Gateway.Health;
using XLLM.Gateway.Keys;
using XLLM.Gateway.Models;
using XLLM.Gateway.OpenAi;
using XLLM.Gateway.OpenAi.Chat;
using XLLM.Gateway.OpenAi.Completions;
using XLLM.Gateway.OpenAi.Embeddings;
using XLLM.Gateway.OpenAi.Models;
using XLLM.Gateway.OpenAi.Rerank;
using XLLM.Gateway.OpenAi.Tokens;
using XLLM.Gateway.OpenApi;
using XLLM.Gateway.Responses;
using XLLM.Gateway.Storage;
using XLLM.Gateway.Streaming;
using XLLM.Gateway.Structure;
using XLLM.Gateway.Telemetry;
using XLLM.Gateway.Timelines;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Offline;

namespace XLLM.Gateway.Hosting;

/// <summary>The gateway's services.</summary>
public static class GatewayServices
{
    /// <summary>
    /// Adds the gateway to a silo's process. The container must also have the actor runtime's <c>IGrainFactory</c> and an
    /// <see cref="Contracts.Ports.IModelReadiness"/>.
    /// </summary>
    /// <param name="services">Where to.</param>
    /// <param name="configuration">Its section <c>Gateway</c> is read.</param>
    /// <exception cref="OptionsException">The section is not valid; the message lists every error.</exception>
    public static IServiceCollection AddXllmGateway(this IServiceCollection services, IConfiguration configuration)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configuration);
        IConfigurationSection section = configuration.GetSection(GatewayOptions.Section);
        GatewayOptions options = StrictOptions
            .Bind<GatewayOptions>(GatewayOptions.Section, section.AsEnumerable(makePathsRelative: true))
            .OrThrow();
        return services.AddXllmGateway(options);
    }

    /// <summary>Adds the gateway with options that are known to be valid.</summary>
    public static IServiceCollection AddXllmGateway(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton(options);
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ISeedSource, RandomSeedSource>();
        services.TryAddSingleton(new BlockHashKey(BlockHasher.DefaultSeed));
        services.TryAddSingleton<IPromptHasher, PromptHasher>();
        services.TryAddSingleton<IRequestBackend, GrainRequestBackend>();
        services.TryAddSingleton<IFleetView, GrainFleetView>();
        services.TryAddSingleton<IModelTextLoader, ModelTextLoader>();
        services.AddSingleton<GatewayTokenHub>();
        services.AddSingleton<GatewayMetrics>();
        services.AddSingleton<RecentRequests>();
        services.AddSingleton<RequestObjective>();
        services.AddSingleton<RequestsEndpoint>();
        services.AddSingleton<GenAiMetrics>();
        services.AddSingleton<ModelCatalog>();
        services.AddSingleton<GenerationGate>();
        services.AddSingleton<StructureChecks>();
        services.AddSingleton<RequestPlanner>();
        services.AddSingleton<GenerationRunner>();
        services.AddSingleton<EmbeddingRunner>();
        services.AddSingleton<BodyReader>();
        services.AddSingleton<ChatEndpoint>();
        services.AddSingleton<CompletionEndpoint>();
        services.AddSingleton<EmbeddingEndpoint>();
        services.AddSingleton<RerankEndpoint>();
        services.AddSingleton<MessagesEndpoint>();
        services.AddXllmStorage(options);
        services.AddSingleton<BackgroundRuns>();
        services.AddSingleton<ResponsesEndpoint>();
        services.AddSingleton<StoredResponsesEndpoint>();
        services.AddSingleton<KeyRing>();
        services.AddSingleton<KeysEndpoint>();
        services.AddSingleton<ModelsEndpoint>();
        services.AddSingleton<TokenizeEndpoint>();
        services.AddSingleton<DetokenizeEndpoint>();
        services.AddSingleton<HealthEndpoint>();
        services.AddSingleton<OpenApiEndpoint>();
        services.AddXllmMetrics();
        services.AddSingleton<MetricsEndpoint>();
        services.AddSingleton<ClusterEndpoint>();
        services.AddSingleton<IntegrityEndpoint>();
        services.AddSingleton<PrefixesEndpoint>();
        return services;
    }

    private static void AddXllmStorage(this IServiceCollection services, GatewayOptions options)
    {
        services.AddSingleton<GatewayStorage>();
        services.AddSingleton<FilesEndpoint>();
        services.AddSingleton(new OfflineGate(new OfflinePacer(options.MaxBatchConcurrency, options.BatchTokenTime.TotalSeconds)));
        services.AddSingleton<LineRunner>();
        services.AddSingleton<BatchMetrics>();
        services.AddSingleton<BatchService>();
        services.AddHostedService(s => s.GetRequiredService<BatchService>());
        services.AddSingleton<BatchesEndpoint>();
        if (options.DataFolder is null)
        {
            services.TryAddSingleton<IResponseStore, MemoryResponseStore>();
        }
        else
        {
            services.TryAddSingleton<DurableResponseStore>();
            services.TryAddSingleton<IResponseStore>(s => s.GetRequiredService<DurableResponseStore>());
            services.AddHostedService<ResponseKeeper>();
        }
    }

    /// <summary>Adds the collector of this process's meters; enough for <see cref="GatewayEndpoints.MapXllmMetrics"/>.</summary>
    public static IServiceCollection AddXllmMetrics(this IServiceCollection services)
    {
        services.TryAddSingleton<MeterCollector>();
        return services;
    }
}
