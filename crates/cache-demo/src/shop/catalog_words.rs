//! What the shop sells: the words that product names are made of, and a price range for each category.

/// A category of the shop.
pub(crate) struct Category {
    /// Its name.
    pub(crate) name: &'static str,
    /// What its products are.
    pub(crate) nouns: [&'static str; 4],
    /// Lowest and highest price, in cents.
    pub(crate) price: (u64, u64),
}

const fn category(name: &'static str, nouns: [&'static str; 4], low: u64, high: u64) -> Category {
    Category { name, nouns, price: (low, high) }
}

/// How a product differs from its neighbours. Ten of these, four nouns and five finishes make 200 products.
pub(crate) const MODIFIERS: [&str; 10] =
    ["Classic", "Compact", "Everyday", "Heritage", "Light", "Nordic", "Premium", "Studio", "Travel", "Urban"];

/// Colour or material.
pub(crate) const FINISHES: [&str; 5] = ["Graphite", "Oak", "Sand", "Sea Green", "White"];

/// All categories, in the order of their ids.
pub(crate) const CATEGORIES: [Category; 50] = [
    category(
        "Coffee & Espresso",
        ["Espresso Machine", "Coffee Grinder", "Pour-Over Kettle", "French Press"],
        2_900,
        39_900,
    ),
    category("Tea", ["Teapot", "Tea Infuser", "Tea Caddy", "Cup Set"], 900, 8_900),
    category("Bakeware", ["Springform Pan", "Loaf Tin", "Baking Stone", "Mixing Bowl"], 800, 6_900),
    category("Cookware", ["Frying Pan", "Saucepan", "Casserole", "Wok"], 1_900, 24_900),
    category(
        "Knives & Boards",
        ["Chef's Knife", "Bread Knife", "Cutting Board", "Knife Block"],
        1_500,
        19_900,
    ),
    category("Tableware", ["Dinner Plate", "Soup Bowl", "Serving Dish", "Cutlery Set"], 700, 12_900),
    category("Glassware", ["Wine Glass", "Tumbler", "Carafe", "Beer Mug"], 500, 7_900),
    category("Food Storage", ["Storage Jar", "Lunch Box", "Bread Bin", "Spice Rack"], 600, 5_900),
    category(
        "Small Kitchen Appliances",
        ["Toaster", "Hand Blender", "Food Processor", "Rice Cooker"],
        2_500,
        34_900,
    ),
    category("Dining Furniture", ["Dining Table", "Dining Chair", "Bench", "Sideboard"], 6_900, 149_900),
    category("Living Room Furniture", ["Sofa", "Armchair", "Coffee Table", "Bookcase"], 8_900, 199_900),
    category(
        "Bedroom Furniture",
        ["Bed Frame", "Wardrobe", "Chest of Drawers", "Bedside Table"],
        7_900,
        179_900,
    ),
    category(
        "Mattresses & Toppers",
        ["Mattress", "Mattress Topper", "Slatted Base", "Mattress Cover"],
        3_900,
        119_900,
    ),
    category("Bed Linen", ["Duvet Cover", "Pillowcase Set", "Fitted Sheet", "Bedspread"], 1_500, 17_900),
    category("Bathroom", ["Bath Towel", "Bath Mat", "Shower Caddy", "Mirror Cabinet"], 900, 24_900),
    category("Lighting", ["Floor Lamp", "Pendant Lamp", "Table Lamp", "Wall Light"], 1_900, 39_900),
    category("Rugs & Carpets", ["Hallway Runner", "Area Rug", "Doormat", "Round Rug"], 1_500, 69_900),
    category(
        "Curtains & Blinds",
        ["Curtain Pair", "Roller Blind", "Curtain Rod", "Roman Blind"],
        1_200,
        19_900,
    ),
    category(
        "Office Furniture",
        ["Standing Desk", "Office Chair", "Filing Cabinet", "Monitor Stand"],
        4_900,
        89_900,
    ),
    category("Stationery", ["Notebook", "Fountain Pen", "Desk Organiser", "Paper Tray"], 300, 7_900),
    category("Computer Accessories", ["Keyboard", "Mouse", "Webcam", "Laptop Stand"], 1_500, 22_900),
    category(
        "Monitors & Mounts",
        ["Monitor", "Monitor Arm", "Privacy Screen", "Portable Display"],
        2_900,
        99_900,
    ),
    category("Audio", ["Headphones", "Bookshelf Speaker", "Turntable", "Soundbar"], 3_900, 79_900),
    category("Phones & Chargers", ["Phone Case", "Power Bank", "Charging Dock", "Car Mount"], 900, 9_900),
    category("Cameras & Optics", ["Mirrorless Camera", "Tripod", "Binoculars", "Camera Bag"], 2_900, 249_900),
    category("Smart Home", ["Smart Plug", "Motion Sensor", "Video Doorbell", "Thermostat"], 1_500, 27_900),
    category("Power Tools", ["Cordless Drill", "Circular Saw", "Orbital Sander", "Jigsaw"], 4_900, 44_900),
    category("Hand Tools", ["Socket Set", "Claw Hammer", "Spirit Level", "Screwdriver Set"], 700, 18_900),
    category("Paint & Decorating", ["Wall Paint", "Paint Roller", "Masking Set", "Wallpaper"], 500, 9_900),
    category("Garden Tools", ["Pruning Shears", "Garden Spade", "Hedge Trimmer", "Wheelbarrow"], 900, 34_900),
    category("Garden Furniture", ["Garden Table", "Lounge Chair", "Parasol", "Hammock"], 3_900, 99_900),
    category("Plants & Pots", ["Plant Pot", "Planter Box", "Watering Can", "Propagator"], 600, 11_900),
    category("Barbecue", ["Charcoal Grill", "Gas Grill", "Grill Tongs", "Pizza Oven"], 1_500, 89_900),
    category("Camping", ["Two-Person Tent", "Sleeping Bag", "Camp Stove", "Head Torch"], 1_500, 49_900),
    category("Hiking", ["Trekking Poles", "Backpack", "Water Bottle", "Rain Jacket"], 1_200, 29_900),
    category("Cycling", ["Bicycle Helmet", "Bike Light", "Pannier Bag", "Floor Pump"], 1_500, 24_900),
    category("Running", ["Running Shoes", "Running Belt", "Sports Watch", "Running Vest"], 1_900, 39_900),
    category("Fitness", ["Yoga Mat", "Kettlebell", "Resistance Band Set", "Rowing Machine"], 900, 129_900),
    category("Swimming", ["Swim Goggles", "Kickboard", "Swim Fins", "Dry Bag"], 700, 8_900),
    category("Winter Sports", ["Ski Helmet", "Ski Gloves", "Sledge", "Base Layer"], 1_900, 29_900),
    category("Board Games", ["Strategy Game", "Family Game", "Chess Set", "Jigsaw Puzzle"], 900, 9_900),
    category("Toys", ["Building Blocks", "Wooden Train", "Marble Run", "Dolls' House"], 900, 14_900),
    category("Baby", ["Pushchair", "High Chair", "Baby Monitor", "Changing Bag"], 1_900, 89_900),
    category(
        "Musical Instruments",
        ["Acoustic Guitar", "Digital Piano", "Ukulele", "Music Stand"],
        1_500,
        149_900,
    ),
    category("Art Supplies", ["Watercolour Set", "Easel", "Sketchbook", "Brush Set"], 500, 15_900),
    category(
        "Sewing & Knitting",
        ["Sewing Machine", "Yarn Bundle", "Fabric Scissors", "Needle Set"],
        600,
        39_900,
    ),
    category("Pet Supplies", ["Dog Bed", "Cat Tree", "Pet Carrier", "Food Bowl"], 700, 17_900),
    category("Luggage", ["Cabin Suitcase", "Travel Duffel", "Packing Cubes", "Wash Bag"], 1_500, 39_900),
    category("Watches & Clocks", ["Wall Clock", "Alarm Clock", "Field Watch", "Dress Watch"], 1_500, 59_900),
    category("Car Accessories", ["Roof Box", "Dash Camera", "Boot Liner", "Tyre Inflator"], 1_900, 59_900),
];
