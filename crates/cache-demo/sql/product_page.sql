SELECT p.id, p.name, p.description, p.price, p.stock, c.name,
  sold.times_ordered, sold.units, sold.revenue, CAST(sold.last_ordered AS CHAR),
  peers.products, peers.cheapest, peers.average, peers.dearest
FROM products p
JOIN categories c ON c.id = p.category_id
JOIN (
  SELECT COUNT(*) AS times_ordered, CAST(COALESCE(SUM(quantity), 0) AS SIGNED) AS units,
    COALESCE(SUM(quantity * unit_price), 0.00) AS revenue, MAX(ordered_on) AS last_ordered
  FROM order_lines WHERE product_id = ?
) sold
JOIN (
  SELECT COUNT(*) AS products, MIN(price) AS cheapest, ROUND(AVG(price), 2) AS average, MAX(price) AS dearest
  FROM products WHERE category_id = (SELECT category_id FROM products WHERE id = ?)
) peers
WHERE p.id = ?
