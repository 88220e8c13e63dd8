using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using Orleans.Configuration;
using Orleans.Hosting;
using Orleans.Runtime.MembershipService.SiloMetadata;
using XLLM.Contracts.Configuration;
using XLLM.Contracts.Ports;
using XLLM.Grains;
using XLLM.Grains.Requests;
using XLLM.Grammar;
using XLLM.Scheduling.Blocks;
using XLLM.Scheduling.Fleet;
using XLLM.Scheduling.Prefix;
using XLLM.Scheduling.Routing;
using XLLM.Silo.Lifecycle;
using XLLM.Silo.Configuration;

namespace XLLM.Silo.Composition;

/// <summary>The only place that joins grains and engines.</summary>
public static class SiloComposition
{
    /// <summary>
    /// Makes a silo an XLLM silo: grains, device placement, and an engine host that loads the engines once the silo runs. An
    /// <see cref="IEngineFactory"/> that is registered already is kept. Throws <see cref="OptionsException"/> with all that is
    /// wrong with the options.
    /// </summary>
    public static ISiloBuilder AddXllmSilo(
        this ISiloBuilder builder, XllmSiloOptions options, NodeRole role = NodeRole.All)
    {
        IReadOnlyList<string> errors = options.Errors();
        if (errors.Count > 0)
        {
            throw new OptionsException(errors);
        }

        builder.Configure<SiloOptions>(x => x.SiloName = options.Name);
        builder.UseSiloMetadata(NodeMetadata.Of(options, role));
        // Without it the survivors of a leaving silo drop about 1/N of their grains. Experimental in Orleans 10.
#pragma warning disable ORLEANSEXP003
        builder.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // It keeps the grains of a silo that was declared dead, and every new grain in its part of the directory, from being activated
        // for 30 s, lest the silo is alive. Requests cannot wait so long, and need not: instances are fenced by their incarnation, runs
        // of a request by their number, and what a stopped process still says is refused.
        builder.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
        AddServices(builder.Services, options);
        return builder;
    }

    private static void AddServices(IServiceCollection services, XllmSiloOptions options)
    {
        services.AddSingleton(Options.Create(options));
        services.AddSingleton<IOptions<RoutingOptions>>(Options.Create(options.Routing));
        services.AddSingleton<IOptions<FleetOptions>>(Options.Create(options.Fleet));
        services.AddSingleton<IOptions<RequestOptions>>(Options.Create(options.Requests));
        services.AddSingleton<IOptions<BlockOwnerOptions>>(Options.Create(options.BlockOwners));
        services.AddXllmGrains();
        services.AddSingleton<ModelReadinessTracker>();
        services.AddSingleton<IModelReadiness>(x => x.GetRequiredService<ModelReadinessTracker>());
        services.AddSingleton<IClusterNodes, MembershipNodes>();
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(new BlockHashKey(BlockHasher.DefaultSeed));
        services.TryAddSingleton<KvExchange>();
        services.TryAddSingleton(_ => new GrammarCache());
        services.TryAddSingleton<IEngineFactory, LocalEngineFactory>();
        services.AddSingleton<EngineHost>();
        services.AddSingleton<IEngineHost>(x => x.GetRequiredService<EngineHost>());
        services.AddHostedService(x => x.GetRequiredService<EngineHost>());
    }
}
