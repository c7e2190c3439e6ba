using KgOrleans.Ranking.Serving;

namespace KgOrleans.Grains.Interfaces;

/// <summary><see cref="ServingContext"/> on the wire.</summary>
[GenerateSerializer, Immutable, Alias("kg.ServingContextSurrogate")]
public struct ServingContextSurrogate
{
    [Id(0)] internal string? City;
    [Id(1)] internal string? SongId;
    [Id(2)] internal int? Hour;
    [Id(3)] internal string? Device;
}

/// <summary>Converts <see cref="ServingContext"/> to and from its wire form.</summary>
[RegisterConverter]
public sealed class ServingContextConverter : IConverter<ServingContext, ServingContextSurrogate>
{
    /// <inheritdoc />
    public ServingContext ConvertFromSurrogate(in ServingContextSurrogate s) => new() { City = s.City, SongId = s.SongId, Hour = s.Hour, Device = s.Device };

    /// <inheritdoc />
    public ServingContextSurrogate ConvertToSurrogate(in ServingContext value) =>
        new() { City = value.City, SongId = value.SongId, Hour = value.Hour, Device = value.Device };
}
