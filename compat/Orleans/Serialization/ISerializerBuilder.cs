using Microsoft.Extensions.DependencyInjection;

namespace Orleans.Serialization;

/// <summary>A serialiser being configured.</summary>
public interface ISerializerBuilder
{
    IServiceCollection Services { get; }
}
