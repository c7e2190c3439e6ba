namespace KgOrleans.DemoWorld.Sampling;

/// <summary>Which part of the world a random stream feeds. The values are part of the world's definition.</summary>
internal enum StreamPurpose
{
    Tastes = 1,
    Songs = 2,
    Creators = 3,
    Items = 4,
    Users = 5,
    Affinities = 6,
    Calibration = 7,
    Tags = 8,
    Documents = 9,
    Profiles = 10,
    Events = 11,
}
