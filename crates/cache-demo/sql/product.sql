SELECT id, category_id, name, description, price, stock FROM products WHERE id = ?
