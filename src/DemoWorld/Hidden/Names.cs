namespace KgOrleans.DemoWorld.Hidden;

/// <summary>The words of the demo world. The first <see cref="Genres"/> tags are genres, of which every item has exactly one.</summary>
internal static class Names
{
    public const int Genres = 24;

    public static readonly string[] Tags =
    [
        "pop", "rock", "folk", "rnb", "hiphop", "rap", "jazz", "blues", "country", "classical", "opera", "electronic",
        "dance", "metal", "punk", "reggae", "soul", "funk", "latin", "bossa-nova", "ancient-style", "anime", "musical", "gospel",
        "happy", "sad", "romantic", "nostalgic", "energetic", "calm", "dreamy", "dark", "funny", "healing", "heartbreak", "party",
        "duet", "cover", "original", "acoustic", "a-cappella", "live-session", "piano", "guitar", "strings", "chorus", "remix", "one-take",
        "high-notes", "low-voice", "falsetto", "whisper", "kids", "campus", "80s", "90s", "2000s", "film-song", "lullaby", "challenge",
    ];

    public static readonly string[] Regions =
    [
        "bj", "sh", "gd", "zj", "js", "sc", "hn", "hb", "fj", "sd", "ln", "sx", "yn", "gx", "cq", "tj", "hk", "tw", "sg", "my",
    ];

    public static readonly string[] Languages = ["zh", "yue", "nan", "en", "ja", "ko"];

    public static readonly string[] Tones = ["warm", "bright", "husky", "soft", "powerful", "sweet", "melancholic", "playful"];

    public static readonly string[] TitleFirst =
    [
        "Paper", "Silver", "Midnight", "Golden", "Lonely", "Summer", "Winter", "Crystal", "Distant", "Electric", "Gentle", "Hidden", "Broken", "Morning",
        "Scarlet", "Quiet",
        "Wild", "Velvet", "Falling", "Endless", "Secret", "Northern", "Southern", "Neon", "Burning", "Floating", "Little", "Last", "First", "Blue",
        "Ivory", "Rainy",
        "Sunlit", "Stolen", "Faded", "Hollow", "Restless", "Tender", "Borrowed", "Drifting",
    ];

    public static readonly string[] TitleSecond =
    [
        "Moon", "River", "Letters", "Lanterns", "Harbour", "Mirror", "Garden", "Promise", "Highway", "Umbrella", "Stars", "Bridge", "Echo", "Sparrow",
        "Window", "Ocean",
        "Train", "Snow", "Carousel", "Fireworks", "Station", "Butterfly", "Compass", "Postcard", "Balcony", "Horizon", "Melody", "Island", "Shadow", "Orchid",
        "Clock", "Rooftop",
        "Voyage", "Candle", "Willow", "Photograph", "Lullaby", "Feather", "Tide", "Heartbeat",
    ];

    /// <summary>Language spoken in a region: most speak the first, three have their own.</summary>
    public static int LanguageOf(int region) => Regions[region] switch
    {
        "gd" or "hk" => 1,
        "fj" or "tw" => 2,
        "sg" => 3,
        _ => 0,
    };

    /// <summary>Title of a song.</summary>
    public static string SongTitle(int song) =>
        $"{TitleFirst[song % TitleFirst.Length]} {TitleSecond[song / TitleFirst.Length % TitleSecond.Length]}"
            + (song >= TitleFirst.Length * TitleSecond.Length ? " II" : "");
}
