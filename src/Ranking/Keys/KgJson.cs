using System.Text.Json;
using System.Text.Json.Serialization;

namespace KgOrleans.Ranking.Keys;

/// <summary>
/// The JSON of this project. Names are camelCase, enums are camelCase strings, numbers are never quoted, a time without an offset is UTC. Unknown members and
/// members that occur twice are refused.
/// </summary>
public static class KgJson
{
    /// <summary>Options shared by the HTTP API, the logs and the command line.</summary>
    public static JsonSerializerOptions Options { get; } = Create();

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions(JsonSerializerDefaults.Web)
        {
            NumberHandling = JsonNumberHandling.Strict,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            PropertyNameCaseInsensitive = false,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            MaxDepth = 32,
            AllowDuplicateProperties = false,
        };
        options.Converters.Add(new ClosedEnums());
        options.Converters.Add(new UniversalTimeConverter());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    // Converters of the options come before one that an enumeration names.
    private sealed class ClosedEnums : JsonConverterFactory
    {
        private readonly JsonStringEnumConverter _names = new(JsonNamingPolicy.CamelCase, allowIntegerValues: false);

        public override bool CanConvert(Type typeToConvert) => typeToConvert.IsEnum && !EnumNames.IsOpen(typeToConvert);

        public override JsonConverter? CreateConverter(Type typeToConvert, JsonSerializerOptions options) => _names.CreateConverter(typeToConvert, options);
    }
}
